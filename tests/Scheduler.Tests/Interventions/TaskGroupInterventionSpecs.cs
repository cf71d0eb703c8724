using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Interventions;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;
using static Nightshift.Scheduler.Tests.Runs.Playback;

namespace Nightshift.Scheduler.Tests.Interventions;

/// <summary>A group stands for all tasks in it where a person names tasks.</summary>
public sealed class TaskGroupInterventionSpecs
{
    const string Grouped = """
        dag: d
        tasks:
          start: { run: ./start }
          g:
            needs: start
            tasks:
              make: { run: ./make, setup: true }
              in: { needs: make, tasks: { a: { run: ./a }, b: { run: ./b } } }
              drop: { needs: [make, in], run: ./drop, teardown: true }
          end: { needs: g, run: ./end }
        """;

    static readonly Actor Anna = new("anna", Note: null, T0);
    static readonly TaskSelection Group = new(["g.in"]) { IsGroup = true };

    static Run After(Run run, IReadOnlyList<RunEvent> events) => events.Aggregate(run, Run.Evolve);

    [Fact]
    public void Clearing_a_group_runs_its_tasks_again_with_what_they_need()
    {
        var run = Play(Dag(Grouped)).Run;
        var events = InterventionDecider.Decide(run, new ClearTasks(Group, Key: null, Anna));
        Assert.Equal(
            "start success, g.make queued, g.in.a none, g.in.b none, g.drop none, end success: running",
            Describe(After(run, events))
        );
    }

    [Fact]
    public void Marking_a_group_gives_all_its_tasks_the_state()
    {
        var run = Play(Dag(Grouped), "g.in.a: exit 1", "g.in.b: hangs").Run;
        var mark = new MarkTasks(new(["g"]), TaskState.Success, Anna);
        run = After(run, InterventionDecider.Decide(run, mark));
        Assert.Equal(
            "start success, g.make success, g.in.a success, g.in.b success, g.drop success, end queued: running",
            Describe(run)
        );
        Assert.Empty(InterventionDecider.Decide(run, mark));
    }

    [Fact]
    public void Cancelling_a_group_ends_its_work_and_leaves_its_teardowns()
    {
        var run = Play(Dag(Grouped), "g.in.a: hangs", "g.in.b: hangs").Run;
        var cancel = new CancelTasks(new(["g"]), Anna);
        run = After(run, InterventionDecider.Decide(run, cancel));
        Assert.Equal(
            "start success, g.make success, g.in.a failed, g.in.b failed, g.drop queued, end upstream_failed: running",
            Describe(run)
        );
        Assert.Empty(InterventionDecider.Decide(run, cancel));
    }

    [Fact]
    public void A_note_on_a_group_is_on_each_of_its_tasks() =>
        Assert.Equal(
            ["g.in.a", "g.in.b"],
            InterventionDecider
                .Decide(Play(Dag(Grouped)).Run, new NoteTasks(Group, "slow", Anna))
                .Select(x => ((TaskNoted)x).Task)
        );

    [Theory]
    [InlineData("nope", false, "unknown_task", "has no task or group 'nope'")]
    [InlineData("nope", true, "unknown_task_group", "has no group 'nope'")]
    [InlineData("start", true, "unknown_task_group", "has no group 'start'")]
    [InlineData("a", false, "unknown_task", "has no task or group 'a'")] // ids, not names within a group
    public void Only_what_the_run_has_can_be_named(string name, bool isGroup, string code, string text)
    {
        var selection = new TaskSelection([name]) { IsGroup = isGroup };
        var refused = Assert.Throws<RejectedException>(() =>
            InterventionDecider.Decide(Play(Dag(Grouped)).Run, new CancelTasks(selection, Anna))
        );
        Assert.Equal(code, refused.Code);
        Assert.Contains(text, refused.Message, StringComparison.Ordinal);
    }
}
