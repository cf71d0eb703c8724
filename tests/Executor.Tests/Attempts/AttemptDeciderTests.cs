using System.Collections.Immutable;
using Nightshift.Executor.Attempts;

namespace Nightshift.Executor.Tests.Attempts;

public sealed class AttemptDeciderTests
{
    static readonly DateTimeOffset T0 = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);
    static readonly AttemptKey Key = new("r.t.1", "r", "d", "t", 1);
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
    static readonly AttemptAccepted Accepted = new(Key, Container, "e1", T0);
    static readonly AttemptStarted Started = new(Key, "c1", T0.AddSeconds(1));
    static readonly Ending Done = Ending.Of(Reasons.Completed, "");
    static readonly AttemptFinished Finished = new(Key, Done, 64, T0.AddSeconds(2));

    static Attempt After(params AttemptEvent[] events) =>
        events.Aggregate(Attempt.Unknown, (state, e) => state.Evolve(e));

    static AcceptAttempt Accept(AttemptSpec spec) => new(Key, spec, "e1", T0);

    [Fact]
    public void A_container_attempt_is_accepted_and_waits() =>
        Assert.Equal([Accepted], AttemptDecider.Decide(Attempt.Unknown, Accept(Container)));

    [Fact]
    public void A_noop_is_over_as_soon_as_it_is_accepted()
    {
        var noop = Container with { Kind = AttemptSpec.Noop, Image = "" };
        Assert.Equal(
            [new AttemptAccepted(Key, noop, "e1", T0), new AttemptFinished(Key, Done, 64, T0)],
            AttemptDecider.Decide(Attempt.Unknown, Accept(noop))
        );
    }

    [Fact]
    public void A_repeated_command_decides_nothing_in_any_phase()
    {
        Assert.Empty(AttemptDecider.Decide(After(Accepted), Accept(Container)));
        Assert.Empty(AttemptDecider.Decide(After(Accepted, Started), Accept(Container)));
        Assert.Empty(AttemptDecider.Decide(After(Accepted, Started, Finished), Accept(Container)));
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
        Assert.Equal(Reasons.Engine, finished.Ending.Reason);
        Assert.Contains(word, finished.Ending.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_start_is_noted_once()
    {
        var begin = new BeginAttempt("c1", T0.AddSeconds(1));
        Assert.Equal([Started], AttemptDecider.Decide(After(Accepted), begin));
        Assert.Empty(AttemptDecider.Decide(After(Accepted, Started), begin));
        Assert.Empty(AttemptDecider.Decide(After(Accepted, Started, Finished), begin));
        Assert.Empty(AttemptDecider.Decide(Attempt.Unknown, begin));
    }

    [Fact]
    public void The_first_report_of_an_end_stands()
    {
        var finish = new FinishAttempt(Done, T0.AddSeconds(2));
        Assert.Equal([Finished], AttemptDecider.Decide(After(Accepted, Started), finish));
        Assert.Equal([Finished], AttemptDecider.Decide(After(Accepted), finish));
        Assert.Empty(
            AttemptDecider.Decide(
                After(Accepted, Started, Finished),
                new FinishAttempt(Ending.Of(Reasons.Engine, "gone"), T0.AddSeconds(9))
            )
        );
        Assert.Empty(AttemptDecider.Decide(Attempt.Unknown, finish));
    }
}
