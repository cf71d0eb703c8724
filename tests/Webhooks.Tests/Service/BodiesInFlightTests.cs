using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Nightshift.Webhooks.Bodies;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks.Tests.Service;

[Collection(ServiceTests.Name)]
public sealed class BodiesInFlightTests(WebhooksHost host)
{
    const int Posts = 40;
    const int MiB = 1024 * 1024;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_forty_large_posts_with_a_wrong_signature_the_memory_is_given_back()
    {
        var body = new byte[26 * MiB]; // shared, so that the client adds next to nothing
        await Attack(body, 4); // connections, buffers and code that stay for good
        var before = await Resident();
        var answers = await Attack(body, Posts);
        Assert.All(answers, x => Assert.Contains(x, Refusals));
        Assert.Contains(HttpStatusCode.Unauthorized, answers);
        Assert.InRange(await Resident() - before, long.MinValue, 50L * MiB);
    }

    [Fact]
    public async Task While_large_bodies_take_all_memory_a_small_delivery_is_accepted_and_a_large_one_told_to_come_again()
    {
        var budget = host.Get<BodyMemory>();
        using (await budget.Reserve(40 * MiB, Cancel)) // of 96 MiB for large ones this takes 80
        {
            Assert.Equal(HttpStatusCode.Accepted, (await host.Deliver("issues", "{}"u8.ToArray())).StatusCode);
            var refused = await host.Deliver("issues", new byte[10 * MiB]);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter?.Delta);
        }
        Assert.Equal(HttpStatusCode.BadRequest, (await host.Deliver("issues", new byte[10 * MiB])).StatusCode);
    }

    [Theory]
    [InlineData("application/json", 27)]
    [InlineData("application/x-www-form-urlencoded", 41)]
    public async Task A_body_over_the_limit_is_refused_also_when_it_does_not_state_its_length(string type, int size)
    {
        var answer = await host.Deliver(
            "push",
            new byte[size * MiB],
            contentType: type,
            change: x => (x.Headers.TransferEncodingChunked, x.Headers.ExpectContinue) = (true, true)
        );
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Too_many_wrong_signatures_get_429_and_a_right_one_is_accepted_all_the_same()
    {
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 100; i++)
            answers.Add((await host.Deliver("issues", "{}"u8.ToArray(), secret: "wrong", change: From)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, answers[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await host.Deliver("issues", "{}"u8.ToArray(), change: From)).StatusCode
        );
        Assert.InRange(host.Logged.Lines.Count(x => x.Contains("203.0.113.7", StringComparison.Ordinal)), 1, 12);
        static void From(HttpRequestMessage request) => request.Headers.Add("X-Forwarded-For", "203.0.113.7");
    }

    static readonly HttpStatusCode[] Refusals =
    [
        HttpStatusCode.Unauthorized,
        HttpStatusCode.TooManyRequests,
        HttpStatusCode.ServiceUnavailable,
    ];

    Task<HttpStatusCode[]> Attack(byte[] body, int posts) =>
        Task.WhenAll(Enumerable.Range(0, posts).Select(_ => Post(body)));

    async Task<HttpStatusCode> Post(byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/github")
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        request.Headers.Add("X-GitHub-Event", "push");
        request.Headers.Add("X-GitHub-Delivery", $"{Guid.NewGuid()}");
        request.Headers.Add(Signature.Header, $"sha256={new string('0', 64)}");
        request.Headers.ExpectContinue = true; // as the gateway does
        using var answer = await host.Http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }

    // Of this process, in which the service runs. What is not collected yet is not held.
    static async Task<long> Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var line = (await File.ReadAllLinesAsync("/proc/self/status", Cancel)).Single(x =>
            x.StartsWith("VmRSS:", StringComparison.Ordinal)
        );
        return 1024
            * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }
}
