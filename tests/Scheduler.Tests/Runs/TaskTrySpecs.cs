using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>What the events of a task say of its attempts.</summary>
public sealed class TaskTrySpecs
{
    static TaskQueued Queued(int attempt, int memory) =>
        new(
            "extract",
            attempt,
            new("container", "default", "toolbox", ["true"], new Dictionary<string, string>(), Hour, memory, 1),
            T0.AddMinutes(attempt)
        );

    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Each_attempt_has_its_own_times_limit_and_failure() =>
        Assert.Equal(
            [
                new(1, "up_for_retry", At(1), At(2), At(3), 64, "default", "oom (killed at 64 MiB)"),
                new(2, "success", At(2), At(5), At(6), 128, "default", null),
            ],
            TaskTry.Of(
                "extract",
                [
                    Queued(1, 64),
                    new TaskStarted("extract", 1, At(2)),
                    new TaskUpForRetry("extract", 1, "oom", "killed at 64 MiB", 64, At(4), At(3)),
                    Queued(2, 128),
                    new TaskStarted("extract", 2, At(5)),
                    new TaskSucceeded("extract", 2, 128, new Dictionary<string, string>(), At(6)),
                ]
            )
        );

    [Fact]
    public void An_attempt_that_waits_or_runs_has_not_ended() =>
        Assert.Equal(
            ["queued", "running"],
            new[]
            {
                TaskTry.Of("extract", [Queued(1, 64)]),
                TaskTry.Of("extract", [Queued(1, 64), new TaskStarted("extract", 1, At(2))]),
            }
                .Select(x => Assert.Single(x))
                .Select(x => x.EndedAt is null ? x.State : "")
        );

    [Fact]
    public void An_attempt_that_could_not_be_queued_has_only_its_failure() =>
        Assert.Equal(
            new TaskTry(1, "failed", null, null, At(1), null, null, "template (no output 'x')"),
            Assert.Single(TaskTry.Of("extract", [new TaskFailed("extract", 1, "template", "no output 'x'", 64, At(1))]))
        );

    [Fact]
    public void A_task_that_is_skipped_before_its_first_attempt_has_none() =>
        Assert.Empty(TaskTry.Of("extract", [new TaskSkipped("extract", T0)]));

    static DateTimeOffset At(int minute) => T0.AddMinutes(minute);
}
