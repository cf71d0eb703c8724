using Nightshift.Scheduler.Interventions;
using Nightshift.Scheduler.Mapping;
using Nightshift.Scheduler.Pools;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;
using static Nightshift.Scheduler.Tests.Runs.Playback;

namespace Nightshift.Scheduler.Tests.Mapping;

/// <summary>What a person, healing, or the previous run does to instances of mapped tasks.</summary>
public sealed class MappedInterventionSpecs
{
    static readonly Actor Anna = new("anna", null, T0);

    // list (files) ─► load, for each file ─► report
    const string OverOutput = """
        dag: d
        tasks:
          list: { run: ./list }
          load: { needs: [list], run: ./load, for_each: "{{ tasks.list.output.files }}", env: { F: "{{ item }}" } }
          report: { needs: [load], run: ./report }
        """;

    static Run After(Run run, IReadOnlyList<RunEvent> events) => events.Aggregate(run, Run.Evolve);

    static Run Played(string dag, params string[] ends) => Play(Dag(dag), ends).Run;

    static Run Clear(Run run, params string[] tasks) => Clear(run, new TaskSelection(tasks));

    static Run Clear(Run run, TaskSelection selection) =>
        After(run, InterventionDecider.Decide(run, new ClearTasks(selection, null, Anna)));

    static Run Report(Run run, string task, string behaviour = "") =>
        After(
            run,
            RunDecider.Decide(
                run,
                Nightshift.Scheduler.Tests.Runs.Playback.Report(task, run.Tasks[task].Attempt, behaviour)
            )
        );

    static IEnumerable<string> Removed(Run run) =>
        run.InstancesAndRemoved.Select(x => x.TaskId).Where(x => run.Tasks[x].State is TaskState.Removed);

    static string Item(Run run, string task) => RunValues.Work(run, run.Plan[task], 64, T0, new()).Env["F"];

    [Fact]
    public void One_instance_is_cleared_with_its_item_and_the_others_stay()
    {
        var run = Clear(Played(OverOutput, "list: files=[\"a\", \"b\"]"), "load[1]");
        Assert.Equal("list success, load[0] success, load[1] queued, report success: running", Describe(run));
        Assert.Equal((2, "b"), (run.Tasks["load[1]"].Attempt, Item(run, "load[1]")));
    }

    [Fact]
    public void Clearing_the_source_maps_again_and_instances_beyond_the_new_list_are_removed()
    {
        var first = Played(OverOutput, "list: files=[\"a\", \"b\", \"c\"]");
        var cleared = Clear(first, new TaskSelection(["list"]) { Downstream = true });
        Assert.Equal("list queued, load none, report none: running", Describe(cleared));
        Assert.Equal(["load[0]", "load[1]", "load[2]"], Removed(cleared));

        var shorter = Report(cleared, "list", "files=[\"x\", \"y\"]");
        Assert.Equal("list success, load[0] queued, load[1] queued, report none: running", Describe(shorter));
        Assert.Equal(["load[2]"], Removed(shorter));
        Assert.Equal((2, "x"), (shorter.Tasks["load[0]"].Attempt, Item(shorter, "load[0]"))); // attempts go on counting
        Assert.Equal((2, 0), (shorter.UpstreamOf("report").Total, shorter.UpstreamOf("report").Done));

        var done = Report(Report(Report(shorter, "load[0]"), "load[1]"), "report");
        Assert.Equal(RunOutcome.Succeeded, done.Outcome);
        var longer = Report(
            Clear(done, new TaskSelection(["list"]) { Downstream = true }),
            "list",
            "files=[\"p\", \"q\", \"r\", \"s\"]"
        );
        Assert.Equal([3, 3, 2, 1], longer.Instances.Skip(1).SkipLast(1).Select(x => longer.Tasks[x.TaskId].Attempt));
    }

    [Fact]
    public void A_mapped_task_is_cleared_as_a_whole_by_its_name()
    {
        var run = Played(OverOutput, "list: files=[\"a\", \"b\"]");
        var events = InterventionDecider.Decide(run, new ClearTasks(new(["load"]), null, Anna));
        var cleared = Assert.Single(events.OfType<TasksCleared>());
        Assert.Equal(["load[0]", "load[1]"], cleared.Tasks.Select(x => x.Task));
        Assert.Equal(["load"], cleared.MappedAgain!);
        Assert.Equal(2, Assert.Single(events.OfType<TaskMapped>()).Length);
        Assert.Equal([2, 2], events.OfType<TaskQueued>().Select(x => x.Attempt));
    }

    [Fact]
    public void Only_the_failed_instances_are_cleared_when_that_is_asked()
    {
        var run = Clear(
            Played(OverOutput, "list: files=[1, 2, 3]", "load[1]: exit 1"),
            new TaskSelection(null) { OnlyFailed = true }
        );
        Assert.Equal(
            "list success, load[0] success, load[1] queued, load[2] success, report none: running",
            Describe(run)
        );
    }

    [Theory]
    [InlineData("load", "load[0] skipped, load[1] skipped, report skipped: success")]
    [InlineData("load[1]", "load[0] success, load[1] skipped, report skipped: success")]
    public void Instances_are_marked_one_by_one_or_together(string task, string ends)
    {
        var run = Played(OverOutput, "list: files=[1, 2]", "load[1]: exit 1");
        var marked = After(run, InterventionDecider.Decide(run, new MarkTasks(new([task]), TaskState.Skipped, Anna)));
        Assert.Equal($"list success, {ends}", Describe(marked));
    }

    [Theory]
    [InlineData("load", new[] { "load[1]", "load[2]" })] // the first has ended
    [InlineData("load[2]", new[] { "load[2]" })]
    public void Instances_are_cancelled_one_by_one_or_together(string task, string[] cancelled)
    {
        var run = Played(OverOutput, "list: files=[1, 2, 3]", "load[1]: hangs", "load[2]: hangs");
        var events = InterventionDecider.Decide(run, new CancelTasks(new([task]), Anna));
        Assert.Equal(cancelled, events.OfType<TaskCancelled>().Select(x => x.Task));
        Assert.All(events.OfType<TaskCancelled>(), x => Assert.Equal("default", x.Queue));
        Assert.Empty(InterventionDecider.Decide(After(run, events), new CancelTasks(new([task]), Anna)));
    }

    [Theory]
    [InlineData("load[2]")]
    [InlineData("load[01]")]
    [InlineData("load[-1]")]
    [InlineData("load[")]
    [InlineData("list[0]")]
    public void An_instance_that_there_is_not_is_refused(string task)
    {
        var run = new Given<Run>(RunStream.Definition, [.. Play(Dag(OverOutput), "list: files=[1, 2]").Log]);
        run.When(x => InterventionDecider.Decide(x, new ClearTasks(new([task]), null, Anna)))
            .ExpectRejection("unknown_task");
        run.When(x => InterventionDecider.Decide(x, new CancelTasks(new([task]), Anna)))
            .ExpectRejection("unknown_task");
        run.When(x => InterventionDecider.Decide(x, new NoteTasks(new([task]), "n", Anna)))
            .ExpectRejection("unknown_task");
    }

    [Fact]
    public void Healing_raises_the_memory_of_one_instance_and_a_later_mapping_keeps_it()
    {
        var run = Played(OverOutput, "list: files=[1, 2]", "load[1]: oom");
        Assert.Equal("load[1]", Assert.Single(RunEnd.Of(run, run.Queued!, T0).Failed).Task);
        run = After(run, RunDecider.Decide(run, new ClearTask("load[1]", 1, 2048, "case", T0)));
        Assert.Equal("list success, load[0] success, load[1] queued, report none: running", Describe(run));
        run = Clear(Report(Report(run, "load[1]"), "report"), "load");
        Assert.Equal([512, 2048], run.InstancesOf(run.Plan["load"]).Select(x => run.Tasks[x.TaskId].MemoryMiB));
    }

    [Fact]
    public void A_task_that_could_not_be_mapped_is_tried_again_once_its_source_is_right()
    {
        var run = Report(Clear(Played(OverOutput, "list: files=7"), "list"), "list", "files=[1, 2]");
        Assert.Equal("list success, load failed, report upstream_failed: failed", Describe(run));
        var again = new ClearTask("load", 1, 512, "case", T0);
        run = After(run, RunDecider.Decide(run, again));
        Assert.Equal("list success, load[0] queued, load[1] queued, report none: running", Describe(run));
        Assert.Empty(RunDecider.Decide(run, again)); // delivered twice, when there is no such task any more
    }

    [Fact]
    public void A_cancelled_run_ends_all_instances_and_clearing_it_brings_them_back()
    {
        var run = Played(OverOutput, "list: files=[1, 2]", "load[1]: hangs");
        run = After(run, InterventionDecider.Decide(run, new CancelRun(Anna)));
        Assert.Equal("list success, load[0] success, load[1] failed, report skipped: failed", Describe(run));
        Assert.Equal(
            "list success, load[0] success, load[1] queued, report none: running",
            Describe(Clear(run, new TaskSelection(null) { OnlyFailed = true }))
        );
    }

    // Items of two runs need not be the same: as in Airflow, all of the previous run count.
    [Theory]
    [InlineData("", true)]
    [InlineData("exit 1", false)]
    public void A_task_that_depends_on_the_past_waits_for_every_instance_of_the_previous_run(string end, bool met)
    {
        const string dag = "dag: d\ntasks: { a: { run: x, for_each: [1, 2], depends_on_past: true } }";
        var now = After(Run.None, RunDecider.Decide(Run.None, Start(Dag(dag))));
        Assert.Equal("a none: running", Describe(now));
        Assert.True(now.Tasks["a"].WaitsForPast); // as a whole, and is mapped after it
        var previous = Played(dag.Replace(", depends_on_past: true", ""), $"a[1]: {end}");
        Assert.Equal(met, PastDependency.IsMet(now.Plan["a"], previous));
        Assert.Equal(met, PastDependency.IsMet(now.Plan["a[0]"], previous));
        Assert.Equal(
            "a[0] queued, a[1] queued: running",
            Describe(After(now, RunDecider.Decide(now, new PastDone(["a"], T0))))
        );
    }

    [Fact]
    public void Limits_of_a_task_count_its_instances_together_and_they_go_by_their_index()
    {
        var dag = Dag(
            "dag: d\ntasks: { a: { run: x, for_each: [1, 2, 3], max_active_tis_per_dagrun: 1, priority_weight: 5 }, "
                + "b: { needs: [a], run: x, priority_weight: 2 } }"
        );
        var log = RunDecider.Decide(Run.None, Start(dag));
        Assert.All(log.OfType<TaskScheduled>(), x => Assert.Equal(7, x.Priority));
        var requests = new List<SlotRequest>();
        var run = Run.None;
        foreach (var e in log)
        {
            var before = run;
            run = Run.Evolve(run, e);
            requests.AddRange(
                SlotRequestRows.Of(before, run, e, tasks: null).OfType<SlotRowChange.Requested>().Select(x => x.Request)
            );
        }
        Assert.Equal(["a[0]", "a[1]", "a[2]"], requests.OrderBy(x => x.Turn).Select(x => x.Task));
        Assert.Single(requests.Select(x => x.Key()).Distinct()); // they need the same of the same
    }

    [Fact]
    public void What_gives_back_slots_when_a_mapped_task_is_cleared_is_each_instance()
    {
        var run = Played(OverOutput.Replace("run: ./load,", "run: ./load, pool: p,"), "list: files=[1, 2]");
        run = After(run, RunDecider.Decide(run, new StartScheduled("load[0]", 1, T0)));
        var events = InterventionDecider.Decide(run, new ClearTasks(new(["list"]) { Downstream = true }, null, Anna));
        var after = Run.Evolve(run, events[0]);
        Assert.Equal(
            ["load[0]", "load[1]"],
            SlotRequestRows
                .Of(run, after, events[0], RunStream.Definition.KeysChangedBy(after, events[0]))
                .OfType<SlotRowChange.Released>()
                .Select(x => x.Task)
                .Order(StringComparer.Ordinal)
        );
    }
}
