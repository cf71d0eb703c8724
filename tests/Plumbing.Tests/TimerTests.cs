using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Replay;
using Nightshift.Plumbing.Timers;
using Nightshift.Testing;

namespace Nightshift.Plumbing.Tests;

/// <summary>Timers are rows: they outlive the process, and one of several dispatchers fires each.</summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test publishes
public sealed class TimerTests
{
    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_dispatchers_fire_each_timer_once_and_never_early()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("timers", Cancelled);
        await using var a = await ProbeHost.Start(infrastructure, Cancelled);
        await using var b = await ProbeHost.Start(infrastructure, Cancelled);
        await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(i => Ask(i % 2 == 0 ? a : b, $"t{i % 4}", $"reminder:{i}", TimeSpan.FromMilliseconds(20 * i)))
        );

        await Eventually.Is(
            async token =>
                (await Task.WhenAll(Enumerable.Range(0, 4).Select(i => a.Tallies.Load($"t{i}", token)))).Sum(x =>
                    x.State.Reminders.Count
                ) == 40,
            "40 reminders",
            Cancelled
        );

        var steps = (
            await Task.WhenAll(
                Enumerable.Range(0, 4).Select(i => a.Read<ReplayStep[]>($"/api/v2/streams/tally-t{i}", Cancelled))
            )
        )
            .SelectMany(x => x!)
            .ToList();
        Assert.Equal(80, steps.Count);
        var recorded = steps.ToLookup(x => ((System.Text.Json.JsonElement)x.Data).GetProperty("purpose").GetString());
        Assert.All(
            recorded,
            x =>
                Assert.True(
                    x.Single(y => y.Type == "reminder_came").RecordedAt
                        - x.Single(y => y.Type == "reminder_asked").RecordedAt
                        >= TimeSpan.FromMilliseconds(20 * int.Parse(x.Key!.Split(':')[1], null) - 1)
                )
        );
    }

    [Fact]
    public async Task A_timer_that_came_due_while_nobody_ran_fires_at_the_next_start()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("overdue", Cancelled);
        await using (var before = await ProbeHost.Start(infrastructure, Cancelled))
            await Ask(before, "t", "late", TimeSpan.FromMilliseconds(700));

        await using var after = await ProbeHost.Start(infrastructure, Cancelled);

        await Eventually.Is(
            async token => (await after.Tallies.Load("t", token)).State.Reminders.Contains("late"),
            "the late reminder",
            Cancelled
        );
        await Eventually.Is(
            async token => await after.Get<TimerTable>().UntilNext(token) is null,
            "the timer to be gone",
            Cancelled
        );
    }

    static Task Ask(RunningService host, string tally, string purpose, TimeSpan delay) =>
        host.Tallies.Transact(tally, _ => [new ReminderAsked(purpose, delay, T0)], Cancelled);
}
