using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Tasks that wait for the previous run.</summary>
public sealed class PastDependencySpecs
{
    static readonly DagSpec EtlOfPast = Dag(
        """
        dag: etl
        defaults: { memory: 64MiB }
        tasks:
          extract: { noop: true, depends_on_past: true }
          load: { noop: true, needs: [extract], wait_for_downstream: true }
          report: { noop: true, needs: [load] }
        """
    );

    static Given<Run> Given(params object[] events) => new(RunStream.Definition, events);

    static PastDone Done(params string[] tasks) => new(tasks, T0);

    [Fact]
    public void A_ready_task_waits_and_is_queued_when_the_past_is_done() =>
        Given()
            .When(run => RunDecider.Decide(run, Start(EtlOfPast)))
            .Expect(Queued(EtlOfPast), new TaskWaitsForPast("extract", T0))
            .When(run => RunDecider.Decide(run, Done("extract", "load")))
            .Expect(TaskQueued(EtlOfPast, "extract", 1))
            .When(run => RunDecider.Decide(run, Succeeded("extract")))
            .Expect(new TaskSucceeded("extract", 1, 64, Nothing, T0), new TaskWaitsForPast("load", T0))
            .When(run => RunDecider.Decide(run, Done("load")))
            .Expect(TaskQueued(EtlOfPast, "load", 1))
            .When(run => RunDecider.Decide(run, Succeeded("load")))
            .Expect(new TaskSucceeded("load", 1, 64, Nothing, T0), TaskQueued(EtlOfPast, "report", 1));

    [Fact]
    public void A_task_whose_upstream_failed_does_not_wait() =>
        Given(Queued(EtlOfPast), new TaskWaitsForPast("extract", T0), TaskQueued(EtlOfPast, "extract", 1))
            .When(run => RunDecider.Decide(run, Failed("extract")))
            .Expect(
                new TaskFailed("extract", 1, "exit", "exit code 1", 64, T0),
                new TaskUpstreamFailed("load", T0),
                new TaskUpstreamFailed("report", T0),
                Finished(RunOutcome.Failed, new FailedTask("extract", 1, new("exit", "exit code 1"), 64))
            );

    [Fact]
    public void A_cleared_task_behind_another_waits_again()
    {
        var failed = Given(
            Queued(EtlOfPast),
            new TaskWaitsForPast("extract", T0),
            TaskQueued(EtlOfPast, "extract", 1),
            new TaskFailed("extract", 1, "oom", "", 64, T0),
            new TaskUpstreamFailed("load", T0),
            new TaskUpstreamFailed("report", T0),
            Finished(RunOutcome.Failed)
        );
        var cleared = failed.And(
            RunDecider.Decide(failed.State, new ClearTask("extract", 1, 128, "case", T0)).Cast<object>()
        );
        cleared
            .When(run => RunDecider.Decide(run, Succeeded("extract", attempt: 2)))
            .Expect(new TaskSucceeded("extract", 2, 64, Nothing, T0), new TaskWaitsForPast("load", T0));
    }

    // the task in the previous run │ the task that needs it │ depends_on_past │ wait_for_downstream
    [Theory]
    [InlineData(TaskState.Success, TaskState.Success, true, true)]
    [InlineData(TaskState.Skipped, TaskState.Skipped, true, true)]
    [InlineData(TaskState.Success, TaskState.Failed, true, false)]
    [InlineData(TaskState.Success, TaskState.UpstreamFailed, true, false)]
    [InlineData(TaskState.Success, TaskState.Running, true, false)]
    [InlineData(TaskState.Success, TaskState.None, true, false)]
    [InlineData(TaskState.Failed, TaskState.Success, false, false)]
    [InlineData(TaskState.UpForRetry, TaskState.None, false, false)]
    [InlineData(TaskState.None, TaskState.None, false, false)]
    public void The_previous_run_lets_a_task_start(TaskState task, TaskState behind, bool dependsOnPast, bool wait)
    {
        var run = Given(Queued(EtlOfPast)).State;
        run = run with
        {
            Tasks = run
                .Tasks.SetItem("extract", run.Tasks["extract"] with { State = task })
                .SetItem("load", run.Tasks["load"] with { State = behind }),
        };
        var spec = EtlOfPast.Tasks[0];
        Assert.Equal(dependsOnPast, PastDependency.IsMet(spec, run));
        Assert.Equal(wait, PastDependency.IsMet(spec with { WaitForDownstream = true }, run));
        Assert.True(PastDependency.IsMet(spec, previous: null));
        Assert.True(PastDependency.IsMet(spec with { TaskId = "new" }, run));
    }

    [Fact]
    public void The_next_run_is_woken_by_the_tasks_it_may_wait_for()
    {
        var plan = new Plan(EtlOfPast.Tasks);
        Assert.All(plan.Tasks, x => Assert.True(plan.IsAwaitedByNextRun(x.TaskId)));
        Assert.False(new Plan(ExtractThenLoad.Tasks).WaitsForPast);
    }

    [Fact]
    public void A_backfill_does_not_go_backwards_against_it() =>
        Assert.Equal(
            "invalid_run_backwards",
            Assert
                .Throws<Plumbing.Streams.RejectedException>(() =>
                    Scheduler.Backfills.BackfillDates.Of(
                        Dag("dag: d\nschedule: '@daily'\ntasks: { x: { noop: true, depends_on_past: true } }"),
                        new(T0.AddDays(-3), T0, RunBackwards: true, Scheduler.Backfills.ReprocessBehavior.None, 1),
                        T0
                    )
                )
                .Code
        );

    // what a file says │ the mistake
    [Theory]
    [InlineData("depends_on_past: true", null)]
    [InlineData("wait_for_downstream: false", null)]
    [InlineData("depends_on_past: past", "'tasks.x.depends_on_past' is 'past'; write true or false")]
    [InlineData("wait_for_downstream: 1", "'tasks.x.wait_for_downstream' is '1'; write true or false")]
    public void The_fields_are_flags(string field, string? mistake)
    {
        var reading = DagFile.Read($"dag: d\ntasks: {{ x: {{ noop: true, {field} }} }}");
        Assert.Equal(mistake, reading.Mistakes.SingleOrDefault()?.Text);
    }
}
