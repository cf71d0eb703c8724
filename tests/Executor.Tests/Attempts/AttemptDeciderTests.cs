using System.Collections.Immutable;
using Nightshift.Executor.Attempts;

namespace Nightshift.Executor.Tests.Attempts;

public sealed class AttemptDeciderTests
{
    static readonly DateTimeOffset T0 = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);
    static readonly AttemptKey Key = new("r~t~1", "r", "d", "t", 1);
    static readonly AttemptSpec Container = new(
        AttemptSpec.Container,
        "alpine:3",
        ["true"],
        ImmutableSortedDictionary<string, string>.Empty,
        60,
        64,
        1,
        T0
    );
    static readonly AttemptAccepted Accepted = new(Key, Container, "gpu", 7, T0);
    static readonly Grant One = new(1, "executor-a", "e1");
    static readonly Grant Two = new(2, "executor-b", "e1");
    static readonly AttemptGranted Granted = new(One, T0);
    static readonly AttemptStarting Starting = new(1, T0);
    static readonly AttemptStarted Started = new(Key, "c1", 1, T0.AddSeconds(1));
    static readonly AttemptGranted TakenOver = new(Two, T0.AddSeconds(2));
    static readonly Ending Done = Ending.Of(Reasons.Completed, "");
    static readonly AttemptFinished Finished = new(Key, Done, 64, 1, T0.AddSeconds(2));

    static readonly AttemptEvent[] Waits = [Accepted];
    static readonly AttemptEvent[] Has = [Accepted, Granted];
    static readonly AttemptEvent[] Begins = [Accepted, Granted, Starting];
    static readonly AttemptEvent[] Runs = [Accepted, Granted, Starting, Started];
    static readonly AttemptEvent[] Over = [Accepted, Granted, Starting, Started, Finished];

    static Attempt After(params AttemptEvent[] events) =>
        events.Aggregate(Attempt.Unknown, (state, e) => state.Evolve(e));

    static AcceptAttempt Accept(AttemptSpec spec) => new(Key, spec, "gpu", 7, T0);

    [Fact]
    public void A_container_attempt_is_accepted_and_waits() =>
        Assert.Equal([Accepted], AttemptDecider.Decide(Attempt.Unknown, Accept(Container)));

    [Fact]
    public void A_noop_is_over_as_soon_as_it_is_accepted()
    {
        var noop = Container with { Kind = AttemptSpec.Noop, Image = "" };
        Assert.Equal(
            [new AttemptAccepted(Key, noop, "gpu", 7, T0), new AttemptFinished(Key, Done, 64, 0, T0)],
            AttemptDecider.Decide(Attempt.Unknown, Accept(noop))
        );
    }

    [Fact]
    public void A_repeated_command_decides_nothing_in_any_phase()
    {
        foreach (var past in new[] { Waits, Has, Begins, Runs, Over })
            Assert.Empty(AttemptDecider.Decide(After(past), Accept(Container)));
    }

    [Fact]
    public void An_attempt_that_waits_is_granted_once()
    {
        Assert.Equal([Granted], AttemptDecider.Decide(After(Waits), new GrantAttempt(One, T0)));
        Assert.Empty(AttemptDecider.Decide(After(Has), new GrantAttempt(One with { ExecutorId = "late" }, T0)));
        Assert.Empty(AttemptDecider.Decide(Attempt.Unknown, new GrantAttempt(One, T0)));
    }

    [Fact]
    public void An_attempt_is_taken_over_where_it_is_and_not_after_its_end()
    {
        var takeover = new GrantAttempt(Two, TakenOver.At);
        foreach (var past in new[] { Has, Begins, Runs })
        {
            Assert.Equal([TakenOver], AttemptDecider.Decide(After(past), takeover));
            Assert.Equal(After(past).Phase, After([.. past, TakenOver]).Phase);
        }
        Assert.Empty(AttemptDecider.Decide(After(Over), takeover));
    }

    [Fact]
    public void What_comes_under_an_earlier_grant_decides_nothing()
    {
        var lost = After([.. Has, TakenOver]);
        Assert.Empty(AttemptDecider.Decide(lost, new ConfirmStart(1, T0)));
        Assert.False(AttemptDecider.MayStart(After([.. Begins, TakenOver]), grant: 1));
        Assert.Empty(AttemptDecider.Decide(After([.. Begins, TakenOver]), new BeginAttempt(1, "c1", T0)));
        Assert.Empty(AttemptDecider.Decide(After([.. Runs, TakenOver]), new FinishAttempt(1, Done, T0)));
        Assert.Empty(AttemptDecider.Decide(lost, new RevokeGrant(1, "", T0)));
        Assert.Empty(AttemptDecider.Decide(lost, new FenceAttempt(1, "", T0)));
    }

    [Fact]
    public void The_container_may_be_made_once_the_start_is_confirmed()
    {
        Assert.Equal([Starting], AttemptDecider.Decide(After(Has), new ConfirmStart(1, T0)));
        Assert.Empty(AttemptDecider.Decide(After(Begins), new ConfirmStart(1, T0)));
        Assert.False(AttemptDecider.MayStart(After(Has), grant: 1));
        Assert.True(AttemptDecider.MayStart(After(Begins), grant: 1));
        Assert.True(AttemptDecider.MayStart(After([.. Begins, TakenOver]), grant: 2));
    }

    [Fact]
    public void A_grant_is_given_back_only_before_the_start()
    {
        var revoked = new AttemptGrantRevoked(1, "why", T0);
        Assert.Equal([revoked], AttemptDecider.Decide(After(Has), new RevokeGrant(1, "why", T0)));
        Assert.Empty(AttemptDecider.Decide(After(Begins), new RevokeGrant(1, "why", T0)));
        Assert.Equal(
            [new AttemptGranted(Two, T0)],
            AttemptDecider.Decide(After([.. Has, revoked]), new GrantAttempt(Two, T0))
        );
    }

    [Fact]
    public void A_lost_executor_gives_back_what_it_had_not_begun_and_loses_the_rest()
    {
        var fence = new FenceAttempt(1, "gone", T0);
        Assert.Equal([new AttemptGrantRevoked(1, "gone", T0)], AttemptDecider.Decide(After(Has), fence));
        foreach (var past in new[] { Begins, Runs })
            Assert.Equal(
                [new AttemptFinished(Key, Ending.Of(Reasons.Lost, "gone"), 64, 1, T0)],
                AttemptDecider.Decide(After(past), fence)
            );
        Assert.Empty(AttemptDecider.Decide(After(Over), fence));
        Assert.True(Ending.Of(Reasons.Lost, "").Infrastructure);
    }

    public static TheoryData<AttemptSpec, string> Mistakes =>
        new()
        {
            { Container with { Kind = "vm" }, "kind" },
            { Container with { Image = "" }, "image" },
            { Container with { TimeoutSeconds = 0 }, "timeout" },
            { Container with { MemoryMiB = 5 }, "memory" },
            { Container with { Cpus = 0 }, "CPU" },
            { Container with { Cpus = double.NaN }, "CPU" },
            { Container with { Env = Container.Env.Add("A=B", "x") }, "environment variable" },
            { Container with { Env = Container.Env.Add("A", "x\0") }, "NUL" },
            { Container with { Command = ["a\0"] }, "NUL" },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_spec_that_cannot_run_ends_at_once_and_says_why(AttemptSpec spec, string word)
    {
        var finished = Assert.IsType<AttemptFinished>(AttemptDecider.Decide(Attempt.Unknown, Accept(spec))[1]);
        Assert.Equal(Reasons.Refused, finished.Ending.Reason);
        Assert.False(finished.Ending.Infrastructure);
        Assert.Contains(word, finished.Ending.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_start_is_noted_once()
    {
        var begin = new BeginAttempt(1, "c1", T0.AddSeconds(1));
        Assert.Equal([Started], AttemptDecider.Decide(After(Begins), begin));
        foreach (var past in new[] { [], Waits, Has, Runs, Over })
            Assert.Empty(AttemptDecider.Decide(After(past), begin));
    }

    [Fact]
    public void The_first_report_of_an_end_stands()
    {
        var finish = new FinishAttempt(1, Done, T0.AddSeconds(2));
        foreach (var past in new[] { Has, Begins, Runs })
            Assert.Equal([Finished], AttemptDecider.Decide(After(past), finish));
        Assert.Empty(
            AttemptDecider.Decide(
                After(Over),
                new FinishAttempt(1, Ending.Of(Reasons.Engine, "gone"), T0.AddSeconds(9))
            )
        );
        Assert.Empty(AttemptDecider.Decide(Attempt.Unknown, finish));
        Assert.Empty(AttemptDecider.Decide(After(Waits), finish));
    }

    static readonly StopAttempt Stop = new(Key, "The run's time was up", T0);

    [Fact]
    public void An_attempt_that_is_stopped_is_over_in_any_phase_and_under_any_grant()
    {
        foreach (var past in new[] { [], Waits, Has, Begins, Runs })
        {
            var attempt = After(past);
            var stopped = Assert.IsType<AttemptFinished>(Assert.Single(AttemptDecider.Decide(attempt, Stop)));
            Assert.Equal((Reasons.Stopped, "The run's time was up"), (stopped.Ending.Reason, stopped.Ending.Detail));
            var after = attempt.Evolve(stopped);
            Assert.Empty(AttemptDecider.Decide(after, Stop));
            Assert.Empty(AttemptDecider.Decide(after, Accept(Container))); // a start that was overtaken
            Assert.Empty(AttemptDecider.Decide(after, new FinishAttempt(1, Done, T0)));
        }
    }

    [Fact]
    public void An_attempt_that_is_over_is_not_stopped() => Assert.Empty(AttemptDecider.Decide(After(Over), Stop));
}
