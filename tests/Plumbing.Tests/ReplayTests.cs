using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Replay;
using Nightshift.Testing;

namespace Nightshift.Plumbing.Tests;

[Collection("one broker, one queue")] // a host of one test must not hear what another test tells
public sealed class ReplayTests
{
    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replay_shows_every_event_with_what_it_changed_and_the_state_at_any_point()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("replay", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        foreach (var number in new[] { 7, 8, 9 })
            await host.Tallies.Transact("t", x => Tally.Count(x, number, T0), Cancelled);

        var steps = (await host.Read<ReplayStep[]>("/api/v2/streams/tally-t", Cancelled));
        Assert.Equal([1, 2, 3], steps.Select(x => x.Version));
        var change = Assert.Single(steps[1].Changes!);
        Assert.Equal(("/numbers", 1, 2), (change.Path, Count(change.Before), Count(change.After)));
        static int Count(StateValue? numbers) => numbers!.Json.GetArrayLength();
        Assert.Equal(
            [7, 8],
            Numbers((await host.Read<StateAt>("/api/v2/streams/tally-t/state?at=2", Cancelled))!.State)
        );
        Assert.Equal(
            [7],
            Numbers(
                (
                    await host.Read<StateAt>(
                        $"/api/v2/streams/tally-t/state?at={steps[0].RecordedAt:O}".Replace("+", "%2B"),
                        Cancelled
                    )
                )!.State
            )
        );
        Assert.Equal(
            0,
            (await host.Read<StateAt>("/api/v2/streams/tally-t/state?at=2000-01-01T00:00:00Z", Cancelled))!.Version
        );
    }

    [Fact]
    public async Task A_long_replay_comes_in_pages_or_line_by_line()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("pages", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await Task.WhenAll(
            Enumerable.Range(1, 250).Select(n => host.Tallies.Transact("t", x => Tally.Count(x, n, T0), Cancelled))
        );

        var (versions, next) = (new List<long>(), "/api/v2/streams/tally-t?limit=120");
        for (var pages = 1; next is not null; pages++)
        {
            Assert.InRange(pages, 1, 3);
            using var answer = await host.Http.GetAsync(next, Cancelled);
            var page = await answer.Content.ReadFromJsonAsync<ReplayStep[]>(Hosting.Json.Options, Cancelled);
            versions.AddRange(page!.Select(x => x.Version));
            next = answer.Headers.TryGetValues("Link", out var link) ? link.Single().Split('<', '>')[1] : null;
        }
        Assert.Equal(Enumerable.Range(1, 250).Select(x => (long)x), versions);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/streams/tally-t?after=240");
        request.Headers.Accept.Add(new("application/x-ndjson"));
        using var lines = await host.Http.SendAsync(request, Cancelled);
        Assert.Equal("application/x-ndjson", lines.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            Enumerable.Range(241, 10).Select(x => (long)x),
            (await lines.Content.ReadAsStringAsync(Cancelled))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(x => JsonSerializer.Deserialize<ReplayStep>(x, Hosting.Json.Options)!.Version)
        );
    }

    [Theory]
    [InlineData("/api/v2/streams/tally-none?limit=1001", HttpStatusCode.UnprocessableEntity, "invalid_page")]
    [InlineData("/api/v2/streams/tally-none?after=-1", HttpStatusCode.UnprocessableEntity, "invalid_page")]
    [InlineData("/api/v2/streams/tally-none", HttpStatusCode.NotFound, "unknown_stream")]
    [InlineData("/api/v2/streams/nothing-like-it", HttpStatusCode.NotFound, "unknown_stream")]
    [InlineData("/api/v2/streams/tally-none/state?at=yesterday", HttpStatusCode.UnprocessableEntity, "invalid_at")]
    public async Task A_wrong_question_is_answered_with_what_is_wrong(string path, HttpStatusCode status, string code)
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("wrong", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        var answer = await host.Http.GetAsync(path, Cancelled);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(
            code,
            (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("code").GetString()
        );
    }

    [Fact]
    public async Task Nothing_but_the_probes_answers_without_the_gateway_key_or_the_role()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("door", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        using var stranger = new HttpClient { BaseAddress = host.Http.BaseAddress };
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await stranger.GetAsync("/api/v2/streams/tally-t", Cancelled)).StatusCode
        );
        Assert.Equal(HttpStatusCode.Forbidden, (await stranger.GetAsync("/metrics", Cancelled)).StatusCode);
        // Its queue gets its consumer in a moment.
        await Eventually.Is(
            async token => (await stranger.GetAsync("/readyz", token)).StatusCode is HttpStatusCode.OK,
            "readiness",
            Cancelled
        );
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("/healthz", Cancelled)).StatusCode);

        host.Http.DefaultRequestHeaders.Remove(GatewayHeaders.Role);
        host.Http.DefaultRequestHeaders.Add(GatewayHeaders.Role, "viewer");
        Assert.Equal(HttpStatusCode.Forbidden, (await host.Http.PostAsync("/tallies/t/1", null, Cancelled)).StatusCode);
    }

    static List<int> Numbers(object? state) =>
        [.. ((JsonElement)state!).GetProperty("numbers").EnumerateArray().Select(x => x.GetInt32())];
}
