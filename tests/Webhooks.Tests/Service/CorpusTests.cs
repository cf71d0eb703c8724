using System.Net;
using Nightshift.Webhooks.Deliveries;

namespace Nightshift.Webhooks.Tests.Service;

[Collection(ServiceTests.Name)]
public sealed class CorpusTests(WebhooksHost host)
{
    [Fact]
    public async Task Every_real_payload_is_recorded_and_every_broken_one_is_refused()
    {
        var corpus = Vectors.Corpus();
        List<string> wrong = [];
        List<Guid> accepted = [];
        foreach (var body in corpus)
        {
            var id = Guid.NewGuid();
            var status = (
                await host.Deliver(body.Event, Vectors.Body(body.File), id, body.ContentType ?? "application/json")
            ).StatusCode;
            if (!IsRight(body, status))
                wrong.Add($"{body.File}: {(int)status}, should be {body.Expect} ({body.Why})");
            if (status is HttpStatusCode.OK or HttpStatusCode.Accepted)
                accepted.Add(id);
        }
        Assert.Empty(wrong);
        Assert.True(corpus.Count > 400);
        foreach (var id in accepted)
            Assert.NotEqual(DeliveryStatus.Received, (await host.Judged(id)).Status);
    }

    // The corpus says it in words: "accept …", "400 …", "accept or 400 …".
    static bool IsRight(CorpusBody body, HttpStatusCode status)
    {
        var accepted = status == (body.Event == "ping" ? HttpStatusCode.OK : HttpStatusCode.Accepted);
        var refused = status is HttpStatusCode.BadRequest;
        var either =
            body.Expect.Contains("400, never", StringComparison.Ordinal)
            || body.Expect.Contains("or refuse", StringComparison.Ordinal)
            || body.Expect.StartsWith("deterministic", StringComparison.Ordinal);
        return either ? accepted || refused
            : body.Expect.StartsWith("400", StringComparison.Ordinal) ? refused
            : accepted;
    }
}
