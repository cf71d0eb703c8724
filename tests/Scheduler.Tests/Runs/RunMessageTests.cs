using JasperFx.Events;
using Nightshift.Contracts;
using Nightshift.Plumbing.Relay;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

public sealed class RunMessageTests
{
    static async Task<IReadOnlyList<Outgoing>> Sent<TEvent>(TEvent e, bool isAwaited = true, bool isRequired = false)
        where TEvent : notnull
    {
        var map = new OutgoingMap();
        // only the variables of tasks are read from the values
        RunStream.MapOutgoing(
            map,
            values: null!,
            (_, _, _) => ValueTask.FromResult(isAwaited),
            (_, _) => ValueTask.FromResult(isRequired)
        );
        return await map.Of(new Event<TEvent>(e) { StreamKey = $"run-{Id}" }, CancellationToken.None);
    }

    static async Task<IEnumerable<object>> Told(RunFinished e, bool isAwaited = true) =>
        (await Sent(e, isAwaited)).Select(x => x.Message);

    [Fact]
    public async Task A_run_that_succeeded_is_published_with_its_place_among_the_others() =>
        Assert.Equal([new RunSucceeded("etl", Id.Value, T0, T0, T0)], await Told(Finished(RunOutcome.Succeeded)));

    [Fact]
    public async Task A_success_of_a_DAG_in_which_nothing_ever_failed_concerns_nobody() =>
        Assert.Empty(await Told(Finished(RunOutcome.Succeeded), isAwaited: false));

    [Fact]
    public async Task A_success_that_other_DAGs_wait_for_is_published_to_the_schedulers() =>
        Assert.Equal(
            [new RequiredDagSucceeded("etl", Id.Value, T0)],
            (await Sent(Finished(RunOutcome.Succeeded), isAwaited: false, isRequired: true)).Select(x => x.Message)
        );

    [Fact]
    public async Task A_run_that_failed_is_published_with_the_tasks_that_failed()
    {
        var failed = Finished(RunOutcome.Failed, new Scheduler.Runs.FailedTask("load", 2, new("exit", "code 1"), 64));
        Assert.Equivalent(
            new RunFailed("etl", Id.Value, 1, T0, T0, [new("load", 2, "exit", "code 1", 64)], 1, T0),
            Assert.Single(await Told(failed)),
            strict: true
        );
    }

    [Fact]
    public async Task A_run_whose_time_was_up_is_published_with_that()
    {
        var timedOut = Finished(RunOutcome.Failed) with { Stopped = StopReason.Timeout };
        Assert.Equal(
            "its time was up (dagrun_timeout)",
            Assert.IsType<RunFailed>(Assert.Single(await Told(timedOut))).Detail
        );
    }

    [Fact]
    public async Task An_attempt_that_is_stopped_is_ended_by_the_queue_it_was_sent_to() =>
        Assert.Equal(
            [
                new Outgoing(
                    new StopAttempt($"{Id}~load~2", Id.Value, "etl", "load", 2, "Another task of the run failed"),
                    "executor-gpu"
                ),
            ],
            await Sent(new TaskStopped("load", 2, "gpu", StopReason.FailFast, T0))
        );

    [Fact]
    public async Task A_run_that_a_person_ended_is_not_published_as_a_failure() =>
        Assert.Empty(await Sent(Finished(RunOutcome.Failed) with { FailedByPerson = true }));

    // event │ attempts that are stopped │ tasks that healing leaves alone
    [Fact]
    public async Task What_a_person_does_stops_attempts_and_tells_healing_once()
    {
        ClearedTask running = new("a", 2, "gpu"),
            ended = new("b", 1, null),
            waiting = new("c", 0, null);
        await Verify(new TaskCancelled("a", 2, "gpu", "anna", null, T0), ["a"], ["a"], "cancelled by anna");
        await Verify(Marked("a", 2, "gpu"), ["a"], ["a"], "marked success by anna");
        await Verify(Marked("c", 0, null), [], null, "");
        await Verify(Marked("a", 2, "gpu") with { WithRun = true }, ["a"], null, "");
        var cleared = new TasksCleared([running, ended, waiting], "anna", null, T0);
        await Verify(cleared, ["a"], ["a", "b"], "cleared by anna");
        await Verify(cleared with { BehindMark = true }, ["a"], null, "");
        var whole = Assert.Single(await Sent(new RunStopped(StopReason.Cancelled, null, T0) { By = "anna" }));
        Assert.Equal(new TasksTakenOver("etl", Id.Value, null, "cancelled by anna", T0), whole.Message);
        Assert.Empty(await Sent(new RunStopped(StopReason.FailFast, "a", T0)));
        Assert.Single(await Sent(new RunMarkedSuccess("anna", null, T0)));
    }

    static TaskMarked Marked(string task, int attempt, string? queue) =>
        new(task, TaskState.Success, attempt, queue, "anna", null, T0);

    static async Task Verify<TEvent>(TEvent e, string[] stopped, string[]? takenOver, string what)
        where TEvent : notnull
    {
        var sent = await Sent(e);
        Assert.Equal(
            stopped.Select(x => ("executor-gpu", $"{Id}~{x}~2")),
            sent.Where(x => x.Message is StopAttempt).Select(x => (x.Queue!, ((StopAttempt)x.Message).AttemptId))
        );
        var taken = sent.Select(x => x.Message).OfType<TasksTakenOver>().SingleOrDefault();
        Assert.Equal((takenOver is null, what), (taken is null, taken?.What ?? ""));
        Assert.Equal(takenOver ?? [], taken?.TaskIds ?? []);
    }
}
