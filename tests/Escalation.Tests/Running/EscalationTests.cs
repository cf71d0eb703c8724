using System.Net;
using MassTransit;
using Nightshift.Contracts;
using Nightshift.Escalation.Incidents;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Replay;
using Nightshift.Plumbing.Status;
using Nightshift.Testing;

namespace Nightshift.Escalation.Tests.Running;

/// <summary>Real PostgreSQL, real RabbitMQ, timers in the database.</summary>
public sealed class EscalationTests : IAsyncLifetime
{
    const string Never = "30.00:00:00";
    readonly string name = $"escalation_{Guid.NewGuid():N}"[..20];
    readonly string target = $"container.web-{Guid.NewGuid():N}"[..24];
    readonly Ear ear = new();
    TestInfrastructure infrastructure = null!;
    IBusControl others = null!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        infrastructure = await TestInfrastructure.Prepare("escalation", Stop);
        others = infrastructure.Bus();
        await others.StartAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (others is not null)
            await others.StopAsync(CancellationToken.None);
        infrastructure?.Dispose();
    }

    [Fact]
    public async Task Each_endpoint_asks_for_its_role()
    {
        await using var escalation = await Start();
        EndpointPolicies.Verify(
            escalation,
            name,
            "GET /api/v2/incidents Viewer",
            "GET /api/v2/incidents/{id} Viewer",
            "POST /api/v2/incidents/{id}/acknowledge Operator",
            "POST /api/v2/incidents/{id}/resolve Operator"
        );
    }

    Task<RunningService> Start(params string[] delays) =>
        RunningEscalation.Start(infrastructure, name, ear, RunningEscalation.Tiers(delays));

    Task Fail(string cause, string? which = null) =>
        others.Publish(
            new HealingFailed(
                which ?? target,
                cause,
                "web is unhealthy",
                "budget",
                which ?? target,
                TimeProvider.System.GetUtcNow()
            ),
            Stop
        );

    async Task<IReadOnlyList<string>> Entered(RunningService escalation) =>
        [
            .. (await escalation.Get<List<ReplayStep>>($"/api/v2/streams/incident-{target}"))
                .Where(x => x.Type == "tier_entered")
                .Select(x => $"{x.Data}"),
        ];

    [Fact]
    public async Task Tiers_follow_one_another_until_the_last()
    {
        await using var escalation = await Start("00:00:00", "00:00:00.3", "00:00:00.3");
        await Fail("c1");
        for (var tier = 1; tier <= 3; tier++)
            Assert.Equal(tier, (await ear.Next(target)).Tier);
        var row = await escalation.Row(target);
        Assert.Equal(("open", 3, 1), (row.State, row.Tier, row.Failures));
        Assert.Equal(3, (await Entered(escalation)).Count);
    }

    [Fact]
    public async Task A_restart_between_tiers_loses_nothing_and_repeats_nothing()
    {
        await using (await Start("00:00:00", "00:00:01", "00:00:01"))
        {
            await Fail("c1");
            Assert.Equal(1, (await ear.Next(target)).Tier);
        }
        await using (await Start("00:00:00", "00:00:01", "00:00:01"))
            Assert.Equal(2, (await ear.Next(target)).Tier);
        await using var third = await Start("00:00:00", "00:00:01", "00:00:01");
        Assert.Equal(3, (await ear.Next(target)).Tier);
        Assert.Equal(3, (await Entered(third)).Count);
        Assert.Equal(0, ear.Unheard);
    }

    [Fact]
    public async Task Acknowledged_it_goes_no_further()
    {
        await using var escalation = await Start("00:00:00", "00:00:01", "00:00:01");
        await Fail("c1");
        await ear.Next(target);
        using var answer = await escalation.Send(
            HttpMethod.Post,
            $"/api/v2/incidents/{target}/acknowledge",
            body: new { reason = "on it" }
        );
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        // A later incident with the same delays reaches its last tier: the first one's timers have come due by then.
        await Fail("c1", target + "-later");
        for (var tier = 1; tier <= 3; tier++)
            await ear.Next(target + "-later");
        var row = await escalation.Row(target);
        Assert.Equal(("acknowledged", 1, "anna", "on it"), (row.State, row.Tier, row.AcknowledgedBy, row.Reason));
    }

    [Fact]
    public async Task Two_instances_enter_each_tier_once()
    {
        await using var one = await Start("00:00:00", "00:00:00.5", "00:00:00.5");
        await using var two = await Start("00:00:00", "00:00:00.5", "00:00:00.5");
        await Fail("c1");
        for (var tier = 1; tier <= 3; tier++)
            Assert.Equal(tier, (await ear.Next(target)).Tier);
        Assert.Equal(3, (await Entered(one)).Count);
    }

    [Fact]
    public async Task One_failure_told_many_times_is_one_incident_with_one_failure()
    {
        await using var escalation = await Start("00:00:00", Never);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Fail("c1")));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(x => Fail($"d{x % 4}")));
        await Fail("last");
        await ear.Next(target);
        await Until(async () => (await escalation.Row(target)).Failures == 6);
        Assert.Single(await Entered(escalation));
    }

    [Fact]
    public async Task A_verified_recovery_resolves_it_and_a_new_failure_opens_it_again()
    {
        await using var escalation = await Start("00:00:00", Never);
        await Fail("c1");
        await ear.Next(target);
        await others.Publish(
            new HealingVerified(target, "healthy again", target, TimeProvider.System.GetUtcNow()),
            Stop
        );
        await Until(async () => (await escalation.Row(target)).State == "resolved");
        Assert.Equal("healer", (await escalation.Row(target)).ResolvedBy);
        await Fail("c2");
        Assert.Equal((2, 1), await ear.Next(target) is var again ? (again.Epoch, again.Tier) : default);
    }

    [Fact]
    public async Task A_tier_that_reaches_nobody_does_not_wait()
    {
        var deaf = new Ear("nobody there");
        await using var escalation = await RunningEscalation.Start(
            infrastructure,
            name,
            deaf,
            "--Escalation:Tiers:0:Channels:0=command",
            $"--Escalation:Tiers:1:After={Never}",
            "--Escalation:Tiers:1:Channels:0=command",
            "--Escalation:Command:0=/bin/true"
        );
        await Fail("c1");
        Assert.Equal(1, (await deaf.Next(target)).Tier);
        Assert.Equal(2, (await deaf.Next(target)).Tier);
    }

    [Fact]
    public async Task Requests_are_answered_as_documented()
    {
        await using var escalation = await Start("00:00:00", Never);
        await Fail("c1");
        await ear.Next(target);
        async Task Expect(
            HttpStatusCode status,
            HttpMethod method,
            string path,
            Role role = Role.Operator,
            object? body = null
        )
        {
            using var answer = await escalation.Send(method, $"/api/v2/incidents{path}", role, body: body);
            Assert.Equal((path, status), (path, answer.StatusCode));
        }
        await Expect(HttpStatusCode.Forbidden, HttpMethod.Post, $"/{target}/acknowledge", Role.Viewer);
        await Expect(HttpStatusCode.NotFound, HttpMethod.Post, "/nothing/acknowledge");
        await Expect(HttpStatusCode.NotFound, HttpMethod.Get, "/nothing");
        await Expect(HttpStatusCode.UnprocessableEntity, HttpMethod.Get, "?state=closed");
        await Expect(
            HttpStatusCode.UnprocessableEntity,
            HttpMethod.Post,
            $"/{target}/acknowledge",
            body: new { reason = new string('x', 3000) }
        );
        Assert.Single((await escalation.Get<IncidentList>("/api/v2/incidents?state=open")).Incidents);
        await Expect(HttpStatusCode.OK, HttpMethod.Post, $"/{target}/acknowledge");
        await Expect(HttpStatusCode.OK, HttpMethod.Post, $"/{target}/acknowledge");
        Assert.Empty((await escalation.Get<IncidentList>("/api/v2/incidents?state=open")).Incidents);
        await Expect(HttpStatusCode.OK, HttpMethod.Post, $"/{target}/resolve", body: new { reason = "replaced" });
        await Expect(HttpStatusCode.OK, HttpMethod.Post, $"/{target}/resolve");
        await Expect(HttpStatusCode.Conflict, HttpMethod.Post, $"/{target}/acknowledge");
        Assert.Equal(1, (await escalation.Get<IncidentList>("/api/v2/incidents")).TotalEntries);
    }

    [Fact]
    public async Task The_status_page_asks_for_a_person_until_one_acknowledges()
    {
        await using var escalation = await Start("00:00:00", Never);
        Assert.Equal(("Quiet", true), await Status(escalation));
        await Fail("c1");
        await Until(async () => await Status(escalation) == ("1 open, tier 1", false));
        (await escalation.Send(HttpMethod.Post, $"/api/v2/incidents/{target}/acknowledge")).Dispose();
        Assert.Equal(("1 acknowledged", true), await Status(escalation));
        Assert.Equal(
            [$"Incident {target} acknowledged by anna", $"Incident {target} entered tier 1"],
            (await escalation.Get<ServiceStatus>("/internal/status")).Actions.Select(x => x.Text)
        );
    }

    static async Task<(string, bool)> Status(RunningService escalation) =>
        await escalation.Get<ServiceStatus>("/internal/status") is var x ? (x.State, x.Ok) : default;

    // What no channel announces is looked at until it is so.
    static Task Until(Func<Task<bool>> so) => Eventually.Is(_ => so(), "what the incident should come to", Stop);
}
