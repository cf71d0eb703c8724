using Nightshift.Bench.Chaos;

namespace Nightshift.Bench.Tests.Chaos;

public sealed class StallTests
{
    const string Run = "manual__chaos-containers__1";

    [Fact]
    public void A_stall_is_the_time_between_two_events_of_a_run_or_its_attempts()
    {
        var seen = new History()
            .Expect(Run, "a")
            .Run(0, Run, "run_queued")
            .Attempt(1, Run, "a", "attempt_accepted")
            .Attempt(4, Run, "a", "attempt_finished")
            .Run(5, Run, "task_succeeded", "a")
            .Run(5, Run, "run_finished", outcome: "Succeeded")
            .Until(99);
        Assert.Equal([1, 3, 1, 0], StreamChecker.Stalls(seen).Select(x => x.Length.TotalSeconds));
    }

    [Fact]
    public void The_time_a_command_takes_by_itself_is_no_stall()
    {
        var seen = new History()
            .Expect(Run, TimeSpan.FromSeconds(2), accepted: true, "a")
            .Run(0, Run, "run_queued")
            .Attempt(0, Run, "a", "attempt_accepted")
            .Attempt(1.5, Run, "a", "attempt_started", at: 1)
            .Attempt(7, Run, "a", "attempt_finished")
            .Run(7, Run, "run_finished", outcome: "Succeeded")
            .Until(99);
        Assert.Equal(4, StreamChecker.Stalls(seen).Max(x => x.Length.TotalSeconds)); // 1.5 to 7, less what is left of 1 to 3
    }

    [Fact]
    public void A_run_that_is_open_has_stood_still_until_now() =>
        Assert.Equal(9, StreamChecker.Stalls(Open().Until(9)).Single().Length.TotalSeconds);

    [Fact]
    public void What_was_not_asked_for_is_not_measured() =>
        Assert.Empty(StreamChecker.Stalls(new History().Run(0, Run, "run_queued").Until(9)));

    [Fact]
    public void A_kill_ends_a_stall_and_begins_the_next() =>
        Assert.Equal(
            [("healer", 3), ("executor", 2), ("executor", 4)],
            StreamChecker
                .Stalls(Open().Killed("healer", -5).Killed("executor", 3).Killed("executor", 5).Until(9))
                .Select(x => (x.Part, x.Length.TotalSeconds))
        );

    [Fact]
    public void A_stall_without_a_kill_in_it_belongs_to_the_last_one_before() =>
        Assert.Equal("executor", PartOf(Open().Killed("healer", -5).Killed("executor", -3)));

    [Fact]
    public void A_stall_before_the_first_kill_belongs_to_none() =>
        Assert.Equal(Observation.Undisturbed, PartOf(Open().Killed("healer", 10)));

    [Theory]
    [InlineData(5, "executor")]
    [InlineData(35, KillPlan.StoppedExecutor)]
    [InlineData(null, KillPlan.Restart)]
    public void A_stall_after_a_kill_has_the_limit_of_that_kill(int? seconds, string killed) =>
        Assert.Equal(seconds, StreamChecker.Stalls(Open().Killed(killed, -1).Until(9)).Single().Limit?.TotalSeconds);

    [Theory]
    [InlineData(2, 10)] // it was not back yet
    [InlineData(7, 5)]
    public void Two_parts_that_are_down_at_once_have_as_much_time_again(int secondsBefore, int limit) =>
        Assert.Equal(
            limit,
            StreamChecker
                .Stalls(Open().Killed("executor-2", -1 - secondsBefore).Killed("executor", -1).Until(9))
                .Single()
                .Limit?.TotalSeconds
        );

    [Fact]
    public void A_task_that_waits_for_slots_has_as_much_time_again_as_those_that_hold_them() =>
        Assert.Equal(
            10,
            StreamChecker
                .Stalls(Open().Killed("executor", -1).Run(0, Run, "task_scheduled", "a").Until(9))
                .Last()
                .Limit?.TotalSeconds
        );

    static string PartOf(History history) => StreamChecker.Stalls(history.Until(9)).Single().Part;

    static History Open() => new History().Expect(Run, "a").Run(0, Run, "run_queued");
}
