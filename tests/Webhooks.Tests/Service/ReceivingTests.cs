using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Plumbing.Status;
using Nightshift.Testing;
using Nightshift.Webhooks.Deliveries;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks.Tests.Service;

[Collection(ServiceTests.Name)]
public sealed class ReceivingTests(WebhooksHost host)
{
    static readonly byte[] Issue =
        """{"action":"opened","repository":{"full_name":"acme/site"},"sender":{"login":"ada"}}"""u8.ToArray();

    [Fact]
    public async Task A_delivery_is_accepted_with_a_receipt_and_kept_byte_for_byte()
    {
        var id = Guid.NewGuid();
        var response = await host.Deliver("issues", Issue, id);
        Assert.Equal(
            (HttpStatusCode.Accepted, new Receipt(id.ToString(), ReplayOf: null)),
            (
                response.StatusCode,
                await response.Content.ReadFromJsonAsync<Receipt>(TestContext.Current.CancellationToken)
            )
        );
        Assert.Equal(
            Issue,
            await host.Http.GetByteArrayAsync($"/api/v2/deliveries/{id}/body", TestContext.Current.CancellationToken)
        );

        var delivery = await host.Judged(id);
        Assert.Equal(
            ("issues", "opened", "acme/site", "ada", Issue.Length),
            (
                delivery.Received!.Event,
                delivery.Received.Action,
                delivery.Received.Repository,
                delivery.Received.Sender,
                delivery.Received.BodyBytes
            )
        );
    }

    [Fact]
    public async Task A_delivery_that_comes_again_has_the_same_receipt_and_is_recorded_once()
    {
        var id = Guid.NewGuid();
        await host.Deliver("issues", Issue, id);
        await host.Judged(id);
        var again = await host.Deliver("issues", Issue, id);
        Assert.Equal(
            (HttpStatusCode.OK, new Receipt(id.ToString(), ReplayOf: null)),
            (again.StatusCode, await again.Content.ReadFromJsonAsync<Receipt>(TestContext.Current.CancellationToken))
        );
        Assert.Equal(
            2,
            (
                await host.Get<Nightshift.Plumbing.Streams.StreamStore<Delivery>>()
                    .Load(await Key(id), TestContext.Current.CancellationToken)
            ).Version
        );
    }

    [Fact]
    public async Task A_hundred_copies_at_once_are_one_delivery()
    {
        var id = Guid.NewGuid();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => host.Deliver("issues", Issue, id)));
        Assert.Equal(
            (1, 99),
            (
                answers.Count(x => x.StatusCode is HttpStatusCode.Accepted),
                answers.Count(x => x.StatusCode is HttpStatusCode.OK)
            )
        );
    }

    [Fact]
    public async Task A_GUID_with_another_body_from_the_same_hook_is_a_conflict()
    {
        var id = Guid.NewGuid();
        await host.Deliver("issues", Issue, id, change: Hook);
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await host.Deliver("issues", "{}"u8.ToArray(), id, change: Hook)).StatusCode
        );
        static void Hook(HttpRequestMessage request) => request.Headers.Add("X-GitHub-Hook-ID", "41");
    }

    [Fact]
    public async Task A_signature_is_neither_stored_nor_shown()
    {
        var id = Guid.NewGuid();
        await host.Deliver("issues", Issue, id, change: x => x.Headers.Add("X-Hub-Signature", "sha1=00"));
        var key = await Key(id);
        foreach (var path in (string[])[$"/api/v2/deliveries/{key}", $"/api/v2/streams/delivery-{key}"])
            Assert.DoesNotContain(
                "signature",
                await host.Http.GetStringAsync(path, TestContext.Current.CancellationToken),
                StringComparison.OrdinalIgnoreCase
            );
        await using var session = host.Get<Marten.IDocumentStore>().QuerySession();
        Assert.Equal(
            0,
            await session.QueryAsync<int>(
                "select count(*)::int from webhooks.mt_events where data::text ilike '%signature%'",
                TestContext.Current.CancellationToken
            )
                is [var count]
                ? count
                : -1
        );
    }

    [Fact]
    public async Task A_ping_is_answered_with_200() =>
        Assert.Equal(
            HttpStatusCode.OK,
            (await host.Deliver("ping", """{"zen":"z","hook_id":1}"""u8.ToArray())).StatusCode
        );

    [Theory]
    [InlineData("X-GitHub-Delivery", null, HttpStatusCode.BadRequest)]
    [InlineData("X-GitHub-Delivery", "7", HttpStatusCode.BadRequest)]
    [InlineData("X-GitHub-Event", null, HttpStatusCode.BadRequest)]
    [InlineData(Signature.Header, null, HttpStatusCode.Unauthorized)]
    [InlineData(Signature.Header, "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59", HttpStatusCode.Unauthorized)]
    [InlineData("X-Nightshift-Gateway-Key", "another", HttpStatusCode.Forbidden)]
    public async Task A_delivery_with_a_wrong_header_is_refused(string header, string? value, HttpStatusCode expected)
    {
        var response = await host.Deliver(
            "issues",
            Issue,
            change: x =>
            {
                x.Headers.Remove(header);
                if (value is not null)
                    x.Headers.Add(header, value);
            }
        );
        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("multipart/form-data")]
    public async Task A_content_type_GitHub_does_not_send_is_refused(string contentType) =>
        Assert.Equal(
            HttpStatusCode.UnsupportedMediaType,
            (await host.Deliver("issues", Issue, contentType: contentType)).StatusCode
        );

    [Fact]
    public void Each_endpoint_asks_for_its_role() =>
        EndpointPolicies.Verify(
            host.Service,
            "webhooks",
            "GET /api/v2/deliveries Viewer",
            "GET /api/v2/deliveries/{id} Viewer",
            "GET /api/v2/deliveries/{id}/body Viewer",
            "POST /webhooks/github ThroughGateway"
        );

    [Fact]
    public async Task The_secret_can_be_changed_over_without_a_restart()
    {
        try
        {
            await host.TestInfrastructure.Secret(WebhookSecrets.Current, "new");
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.Deliver("issues", Issue)).StatusCode);
            Assert.Equal(HttpStatusCode.Accepted, (await host.Deliver("issues", Issue, secret: "new")).StatusCode);
            await host.TestInfrastructure.Secret(WebhookSecrets.Previous, WebhooksHost.Secret);
            Assert.Equal(HttpStatusCode.Accepted, (await host.Deliver("issues", Issue)).StatusCode);
        }
        finally
        {
            await host.TestInfrastructure.Secret(WebhookSecrets.Previous, null);
            await host.TestInfrastructure.Secret(WebhookSecrets.Current, WebhooksHost.Secret);
        }
    }

    [Fact]
    public async Task Without_a_secret_nothing_is_accepted_and_the_status_says_so()
    {
        try
        {
            await host.TestInfrastructure.Secret(WebhookSecrets.Current, null);
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.Deliver("issues", Issue, secret: "")).StatusCode);
            Assert.Equal(
                ("No secret configured", false),
                await host.Get<IStatusReport>().Read(TestContext.Current.CancellationToken)
            );
        }
        finally
        {
            await host.TestInfrastructure.Secret(WebhookSecrets.Current, WebhooksHost.Secret);
        }
        Assert.Equal(("Active", true), await host.Get<IStatusReport>().Read(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_largest_payload_GitHub_sends_is_taken_and_a_larger_one_is_not()
    {
        Assert.Equal(HttpStatusCode.Accepted, (await host.Deliver("push", Padded(25 * 1024 * 1024))).StatusCode);
        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge,
            (
                await host.Deliver("push", Padded(27 * 1024 * 1024), change: x => x.Headers.ExpectContinue = true)
            ).StatusCode
        );
    }

    [Fact]
    public async Task A_delivery_that_failed_before_its_commit_can_be_delivered_again()
    {
        var id = Guid.NewGuid();
        host.Database.Stop();
        try
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.Deliver("issues", Issue, id)).StatusCode);
        }
        finally
        {
            host.Database.Start();
        }
        HttpStatusCode answer;
        do answer = (await host.Deliver("issues", Issue, id)).StatusCode;
        // connections broken meanwhile may show only when they are used
        while (answer is HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.Accepted, answer);
        Assert.Equal(DeliveryStatus.Ignored, (await host.Judged(id)).Status);
    }

    [Fact]
    public async Task The_list_shows_the_newest_delivery_first()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        await host.Deliver("issues", Issue, first);
        await host.Deliver("issues", Issue, second);
        var page = await host.Http.GetFromJsonAsync<DeliveryPage>(
            "/api/v2/deliveries?limit=2",
            Nightshift.Plumbing.Hosting.Json.Options,
            TestContext.Current.CancellationToken
        );
        Assert.Equal([second.ToString(), first.ToString()], page!.Deliveries.Select(x => x.DeliveryId));
        var next = await host.Http.GetFromJsonAsync<DeliveryPage>(
            "/api/v2/deliveries?limit=1&offset=1",
            Nightshift.Plumbing.Hosting.Json.Options,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(first.ToString(), next!.Deliveries.Single().DeliveryId);
        Assert.True(page.TotalEntries >= 2);
        await host.Judged(first);
        await host.Judged(second);
        foreach (var (status, some) in new[] { ("ignored", true), ("received", false) })
        {
            var with = await host.Http.GetFromJsonAsync<DeliveryPage>(
                $"/api/v2/deliveries?status={status}",
                Nightshift.Plumbing.Hosting.Json.Options,
                TestContext.Current.CancellationToken
            );
            Assert.Equal(some, with!.Deliveries.Any(x => x.DeliveryId == second.ToString()));
        }
    }

    [Theory]
    [InlineData("/api/v2/deliveries?limit=0", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/api/v2/deliveries?status=lost", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/api/v2/deliveries?limit=x", HttpStatusCode.UnprocessableEntity)]
    [InlineData("/api/v2/deliveries/72d3162e-cc78-11e3-81ab-4c9367dc0958", HttpStatusCode.NotFound)]
    [InlineData("/api/v2/deliveries/72d3162e-cc78-11e3-81ab-4c9367dc0958/body", HttpStatusCode.NotFound)]
    [InlineData("/api/v2/deliveries/41.72d3162e-cc78-11e3-81ab-4c9367dc0958", HttpStatusCode.NotFound)]
    [InlineData("/api/v2/deliveries/x%20y", HttpStatusCode.NotFound)]
    public async Task A_question_that_has_no_answer_is_refused(string path, HttpStatusCode expected) =>
        Assert.Equal(expected, (await host.Http.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);

    async Task<string> Key(Guid id) =>
        (await host.Get<DeliveryFinder>().Find(id.ToString(), TestContext.Current.CancellationToken)).Id;

    static byte[] Padded(int length) =>
        Encoding.UTF8.GetBytes($$"""{"ref":"refs/tags/v1","padding":"{{new string('x', length - 36)}}"}""");
}
