using JasperFx.Events;
using Nightshift.Contracts;
using Nightshift.Plumbing.Relay;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

public sealed class RunMessageTests
{
    static async Task<IReadOnlyList<Outgoing>> Sent<TEvent>(TEvent e, bool hasFailed = true)
        where TEvent : notnull
    {
        var map = new OutgoingMap();
        // only the variables of tasks are read from the values
        RunStream.MapOutgoing(map, values: null!, (_, _) => ValueTask.FromResult(hasFailed));
        return await map.Of(new Event<TEvent>(e) { StreamKey = $"run-{Id}" }, CancellationToken.None);
    }

    static async Task<IEnumerable<object>> Told(RunFinished e, bool hasFailed = true) =>
        (await Sent(e, hasFailed)).Select(x => x.Message);

    [Fact]
    public async Task A_run_that_succeeded_is_published_with_its_place_among_the_others() =>
        Assert.Equal([new RunSucceeded("etl", Id.Value, T0, T0, T0)], await Told(Finished(RunOutcome.Succeeded)));

    [Fact]
    public async Task A_success_of_a_DAG_in_which_nothing_ever_failed_concerns_nobody() =>
        Assert.Empty(await Told(Finished(RunOutcome.Succeeded), hasFailed: false));

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
}
