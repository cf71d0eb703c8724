using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;
using static Nightshift.Scheduler.Tests.Runs.Playback;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Groups in a run: what a branch chooses by their names, and what templates of their members see.</summary>
public sealed class TaskGroupSpecs
{
    // pick ─► left:  a ─► b ─┐
    //   └───► right: c ──────┴─► join (none_failed_min_one_success)
    const string Branching = """
        dag: d
        tasks:
          pick: { run: ./pick, branch: next }
          left: { needs: pick, tasks: { a: { noop: true }, b: { needs: a, noop: true } } }
          right: { needs: pick, tasks: { c: { noop: true } } }
          join: { needs: [left, right], noop: true, trigger_rule: none_failed_min_one_success }
        """;

    [Theory]
    [InlineData("left", "left.a success, right.c skipped, left.b success, join success: success")]
    [InlineData("right", "left.a skipped, right.c success, left.b skipped, join success: success")]
    [InlineData("[\"left\", \"right\"]", "left.a success, right.c success, left.b success, join success: success")]
    [InlineData("right.c", "left.a skipped, right.c success, left.b skipped, join success: success")]
    public void A_branch_goes_on_with_the_first_tasks_of_a_group(string output, string ends) =>
        Assert.Equal($"pick success, {ends}", Ends(Branching, $"pick: next={output}"));

    [Fact]
    public void A_branch_that_names_no_group_fails() =>
        Assert.Equal(
            "Its output 'next' names 'middle', which is no task or group of this DAG",
            Play(Dag(Branching), "pick: next=middle").Log.OfType<TaskFailed>().Single().Detail
        );

    [Fact]
    public void A_branch_in_a_group_names_its_siblings() =>
        Assert.Equal(
            "b success, g.pick success, g.a skipped, g.b success: success",
            Ends(
                """
                dag: d
                tasks:
                  b: { noop: true }
                  g:
                    tasks:
                      pick: { run: ./pick, branch: next }
                      a: { needs: pick, noop: true }
                      b: { needs: pick, noop: true }
                """,
                "g.pick: next=b"
            )
        );

    [Theory]
    [InlineData("{{ tasks.ask.output.x }}", "inner")] // a sibling
    [InlineData("{{ tasks.g.ask.output.x }}", "inner")]
    [InlineData("{{ tasks[\"g.ask\"].output.x }}", "inner")]
    [InlineData("{{ tasks.in.ask.output.x }}", "innermost")]
    [InlineData("{{ tasks.g.in.ask.output.x }}", "innermost")]
    [InlineData("{{ tasks.top.output.x }}", "outer")]
    [InlineData("{{ tasks.use.output.x }}", "outer use")] // not itself
    [InlineData("{% if tasks.in.ask.output.y %}{% else %}no{% endif %}", "failed")]
    [InlineData("{{ tasks.in.ask.output.y | default: 1 }}", "1")]
    public void Templates_name_tasks_as_needs_do(string template, string expected)
    {
        var dag = Dag(
            $$$"""
            dag: d
            tasks:
              top: { noop: true }
              use: { noop: true }
              g:
                tasks:
                  ask: { noop: true }
                  in: { tasks: { ask: { noop: true } } }
                  use: { needs: [ask, in, top, use], noop: true, env: { X: '{{{template}}}' } }
            """
        );
        var log = Play(dag, "top: x=outer", "use: x=outer use", "g.ask: x=inner", "g.in.ask: x=innermost").Log;
        if (expected == "failed")
            Assert.Equal(
                "Task 'g.in.ask' handed on no output 'y'; where it may be missing, "
                    + "write '{{ tasks.in.ask.output.y | default: \"…\" }}'",
                log.OfType<TaskFailed>().Single().Detail
            );
        else
            Assert.Equal(expected, log.OfType<TaskQueued>().Single(x => x.Task == "g.use").Work.Env["X"]);
    }
}
