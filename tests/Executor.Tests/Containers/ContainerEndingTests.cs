using System.Collections.Immutable;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Logs;

namespace Nightshift.Executor.Tests.Containers;

public sealed class ContainerEndingTests
{
    static readonly AttemptSpec Spec = new(
        AttemptSpec.Container,
        "alpine:3",
        [],
        ImmutableSortedDictionary<string, string>.Empty,
        60,
        64,
        1,
        DateTimeOffset.UnixEpoch
    );
    static readonly TaskMessages TaskMessages = TaskMessages.Nothing.Hear("::output a=1");

    static readonly ContainerExit Watched = new(TimedOut: false, EngineLeft: false, Witnessed: true);

    static ContainerFacts Facts(int exitCode, bool oom = false, string error = "") =>
        new(
            "c1",
            "n",
            "alpine:3",
            ImmutableDictionary<string, string>.Empty,
            "exited",
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch,
            exitCode,
            oom,
            error,
            Health: null
        );

    [Theory]
    [InlineData(0, false, false, "", "completed", 0)]
    [InlineData(3, false, false, "", "exit", 3)]
    [InlineData(137, true, false, "", "oom", 137)]
    [InlineData(0, true, false, "", "oom", 0)]
    [InlineData(137, false, true, "", "timeout", 137)]
    [InlineData(137, true, true, "", "timeout", 137)]
    [InlineData(127, false, false, "no such file", "exit", 127)]
    [InlineData(128, false, false, "cannot mount", "engine", null)]
    public void Every_end_has_one_reason(
        int exitCode,
        bool oom,
        bool timedOut,
        string error,
        string reason,
        int? reported
    )
    {
        var ending = ContainerEnding.Judge(
            Facts(exitCode, oom, error),
            Watched with
            {
                TimedOut = timedOut,
            },
            Spec,
            TaskMessages
        );
        Assert.Equal((reason, reported), (ending.Reason, ending.ExitCode));
        Assert.Equal(reason == Reasons.Completed, ending.Succeeded);
        if (reported is not null)
            Assert.Equal("1", ending.Outputs["a"]);
    }

    [Theory]
    [InlineData(137, "engine")]
    [InlineData(143, "engine")]
    [InlineData(0, "completed")]
    [InlineData(3, "exit")]
    public void A_kill_while_the_engine_was_away_is_the_engines(int exitCode, string reason) =>
        Assert.Equal(
            reason,
            ContainerEnding.Judge(Facts(exitCode), Watched with { EngineLeft = true }, Spec, TaskMessages).Reason
        );

    [Theory]
    [InlineData(0, "engine", true)]
    [InlineData(137, "engine", true)]
    [InlineData(255, "engine", true)]
    [InlineData(3, "exit", false)]
    public void An_end_that_the_engine_did_not_see_is_no_success(int exitCode, string reason, bool infrastructure)
    {
        var ending = ContainerEnding.Judge(Facts(exitCode), Watched with { Witnessed = false }, Spec, TaskMessages);
        Assert.Equal((reason, infrastructure), (ending.Reason, ending.Infrastructure));
    }

    [Theory]
    [InlineData(59.9, false)]
    [InlineData(60, true)]
    [InlineData(9_000, true)]
    public void Only_what_ran_as_long_as_it_may_or_longer_has_overrun(double ranSeconds, bool overran) =>
        Assert.Equal(
            overran,
            ContainerEnding.Overran(
                Facts(0) with
                {
                    FinishedAt = DateTimeOffset.UnixEpoch.AddSeconds(ranSeconds),
                },
                Spec
            )
        );

    [Fact]
    public void A_container_that_is_gone_was_lost_by_the_engine() =>
        Assert.Equal(Reasons.Engine, ContainerEnding.Judge(facts: null, Watched, Spec, TaskMessages).Reason);

    [Theory]
    [InlineData(0, "output", "too long")]
    [InlineData(3, "exit", "Exit code 3")]
    public void A_command_that_succeeded_fails_for_its_outputs_if_they_cannot_be_taken(
        int exitCode,
        string reason,
        string detail
    )
    {
        var ending = ContainerEnding.Judge(Facts(exitCode), Watched, Spec, TaskMessages.Wrong("too long"));
        Assert.Equal((reason, detail, exitCode), (ending.Reason, ending.Detail, ending.ExitCode));
    }

    [Fact]
    public void A_success_shows_its_first_warning() =>
        Assert.Equal(
            "careful",
            ContainerEnding
                .Judge(Facts(0), Watched, Spec, TaskMessages.Hear("::warning careful").Hear("::warning more"))
                .Detail
        );
}
