using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Nightshift.Gateway.Tests.Hosting;

namespace Nightshift.Gateway.Tests.Routes;

/// <summary>A service of which there are two.</summary>
public sealed class InstanceTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_spread_over_the_instances_and_metrics_are_those_of_one()
    {
        await using var first = await Upstream.Echo("first");
        await using var second = await Upstream.Echo("second");
        await using var gateway = await Start(first.Address, second.Address);
        using var client = gateway.Client("vera");
        var asked = new HashSet<string>();
        for (var i = 0; i < 1_000 && asked.Count < 2; i++) // each request takes one of the two
            asked.Add(await Asked(client, "/api/v2/dags"));
        Assert.Equal(2, asked.Count);
        Assert.Equal("first", await Asked(client, "/metrics/scheduler"));
        Assert.Equal("second", await Asked(client, "/metrics/scheduler-2"));
    }

    [Fact]
    public async Task While_one_is_down_the_other_answers_at_once()
    {
        await using var other = await Upstream.Echo("other");
        await using var gateway = await Start(new Uri("http://127.0.0.1:1"), other.Address); // nobody listens there
        using var client = gateway.Client("vera");
        for (var i = 0; i < 20; i++)
            Assert.Equal("other", await Asked(client, "/api/v2/dags"));
        using var ready = await client.GetAsync("/readyz", Cancel);
        Assert.Contains("\"scheduler\":\"not running\"", await ready.Content.ReadAsStringAsync(Cancel));
        Assert.Contains("\"scheduler-2\":\"ready\"", await ready.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task One_that_hangs_gets_no_requests_once_that_is_known()
    {
        var release = new TaskCompletionSource();
        await using var hangs = await Upstream.Start(app => app.Map("/{**path}", () => release.Task));
        await using var other = await Upstream.Echo("other");
        await using var gateway = await Start(hangs.Address, other.Address);
        using var client = gateway.Client("vera");
        // until then some of the fifty go to the one that hangs
        for (var i = 0; !await AllAnswered(client); i++)
            Assert.True(i < 120, "The one that hangs still gets requests"); // a second each
        release.SetResult();
    }

    static async Task<bool> AllAnswered(HttpClient client)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var all = Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.GetAsync("/api/v2/dags", limit.Token)));
        await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancel));
        await limit.CancelAsync();
        await ((Task)all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return all.IsCompletedSuccessfully;
    }

    [Fact]
    public async Task Both_are_shown_and_what_they_did_is_shown_once()
    {
        await using var first = await Healthy();
        await using var second = await Healthy();
        await using var gateway = await Start(first.Address, second.Address);
        using var client = gateway.Client("vera");
        client.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        var status = await client.GetFromJsonAsync<JsonElement>("/status", Cancel);
        Assert.Equal(
            ["Scheduler", "Scheduler 2", "Executor"],
            status.GetProperty("services").EnumerateArray().Select(x => x.GetProperty("name").GetString()).Take(3)
        );
        Assert.Equal("etl succeeded", Assert.Single(Actions(status)));
    }

    static IEnumerable<string?> Actions(JsonElement status) =>
        status.GetProperty("recentActions").EnumerateArray().Select(x => x.GetProperty("text").GetString());

    [Fact]
    public async Task An_address_that_cannot_be_read_is_refused_with_what_to_write()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            RunningGateway.Start(upstream: null, "--Nightshift:Services:Scheduler=http://127.0.0.1:1;somewhere")
        );
        Assert.Contains("write a base URL such as http://127.0.0.1:8801", refused.Message, StringComparison.Ordinal);
    }

    static Task<RunningGateway> Start(Uri first, Uri second) =>
        RunningGateway.Start(upstream: null, $"--Nightshift:Services:Scheduler={first};{second}");

    static async Task<string> Asked(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<Seen>(Cancel))!.Service;
    }

    static Task<Upstream> Healthy() =>
        Upstream.Start(app =>
            app.MapGet(
                "/internal/status",
                () =>
                    new
                    {
                        state = "Healthy",
                        ok = true,
                        since = "2026-01-31T09:00:00Z",
                        actions = new[] { new { at = "2026-01-31T09:15:00Z", text = "etl succeeded" } },
                    }
            )
        );
}
