using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;
using static Nightshift.Scheduler.Tests.Runs.Playback;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Branches, short circuits, conditions and exit codes that skip.</summary>
public sealed class BranchSpecs
{
    //            ┌─► a ─► a2 ─┐
    // pick (next)┤            ├─► join (none_failed_min_one_success)
    //            ├─► b ───────┘
    //            └─► join
    const string Branching = """
        dag: d
        tasks:
          pick: { run: ./pick, branch: next }
          a: { needs: [pick], noop: true }
          a2: { needs: [a], noop: true }
          b: { needs: [pick], noop: true }
          join: { needs: [pick, a2, b], noop: true, trigger_rule: none_failed_min_one_success }
        """;

    [Theory]
    [InlineData("a", "a success, b skipped, a2 success, join success: success")]
    [InlineData("b", "a skipped, b success, a2 skipped, join success: success")]
    [InlineData("[\"a\", \"b\"]", "a success, b success, a2 success, join success: success")]
    [InlineData("join", "a skipped, b skipped, a2 skipped, join success: success")] // pick itself is a success
    [InlineData("a2", "a skipped, b skipped, a2 skipped, join success: success")] // behind a task that was not chosen
    [InlineData("", "a skipped, b skipped, a2 skipped, join skipped: success")]
    [InlineData("[]", "a skipped, b skipped, a2 skipped, join skipped: success")]
    [InlineData("None", "a skipped, b skipped, a2 skipped, join skipped: success")]
    public void A_branch_goes_on_with_the_tasks_its_output_names(string output, string ends) =>
        Assert.Equal($"pick success, {ends}", Ends(Branching, $"pick: next={output}"));

    [Theory]
    [InlineData("next=c", "Its output 'next' names 'c', which is no task of this DAG")]
    [InlineData("next=[\"a\", \"c\"]", "Its output 'next' names 'c', which is no task of this DAG")]
    [InlineData("next=[a", "Its output 'next' is no list; write the name of a task, or a JSON list of names")]
    [InlineData("other=a", "It handed on no output 'next', which decides what runs behind it; print '::output next=…'")]
    public void A_branch_that_names_nothing_fails_as_an_attempt_does(string output, string why)
    {
        var (run, log) = Play(Dag(Branching.Replace("branch: next", "branch: next, retries: 1")), $"pick: {output}");
        Assert.Equal(
            "pick failed, a upstream_failed, b upstream_failed, a2 upstream_failed, join upstream_failed: failed",
            Describe(run)
        );
        Assert.Equal(2, run.Tasks["pick"].Attempt);
        Assert.Equal(
            ("branch", why),
            (log.OfType<TaskFailed>().Single().Reason, log.OfType<TaskFailed>().Single().Detail)
        );
    }

    [Fact]
    public void A_skip_says_who_did_it_and_why()
    {
        var skips = Play(Dag(Branching), "pick: next=b").Log.OfType<TaskSkipped>().ToList();
        Assert.Equal(
            [("a", SkipReason.Branch, "pick"), ("a2", SkipReason.TriggerRule, null)],
            skips.Select(x => (x.Task, x.Reason, x.By))
        );
    }

    // check ─► a ─► always (all_done)
    //   │           ▲
    //   └─► down (teardown)
    const string ShortCircuiting = """
        dag: d
        tasks:
          check: { run: ./check, short_circuit: go }
          a: { needs: [check], noop: true }
          always: { needs: [a], noop: true, trigger_rule: all_done }
          down: { needs: [check], noop: true, teardown: true }
        """;

    [Theory]
    [InlineData("true", "a success, down success, always success: success")]
    [InlineData("12 rows", "a success, down success, always success: success")]
    [InlineData("false", "a skipped, down success, always skipped: success")]
    [InlineData("False", "a skipped, down success, always skipped: success")]
    [InlineData("0", "a skipped, down success, always skipped: success")]
    [InlineData("", "a skipped, down success, always skipped: success")]
    [InlineData("[]", "a skipped, down success, always skipped: success")]
    public void A_short_circuit_skips_all_behind_it_but_teardowns(string output, string ends) =>
        Assert.Equal($"check success, {ends}", Ends(ShortCircuiting, $"check: go={output}"));

    [Fact]
    public void A_short_circuit_may_leave_what_is_further_behind_to_its_rules() =>
        Assert.Equal(
            "check success, a skipped, down success, always success: success",
            Ends(
                ShortCircuiting.Replace(
                    "short_circuit: go",
                    "short_circuit: go, ignore_downstream_trigger_rules: false"
                ),
                "check: go=false"
            )
        );

    const string Conditional = """
        dag: d
        params: { full: "false", rows: "0" }
        tasks:
          count: { run: ./count }
          load: { needs: [count], noop: true, CONDITION }
          after: { needs: [load], noop: true }
        """;

    [Theory]
    [InlineData("run_if: params.full", "skipped")]
    [InlineData("skip_if: params.full", "success")]
    [InlineData("run_if: \"{{ params.full }}\"", "skipped")]
    [InlineData("run_if: tasks.count.output.rows > 10", "success")]
    [InlineData("run_if: tasks.count.output.rows > 100", "skipped")]
    [InlineData("run_if: tasks.count.output.rows > 10, skip_if: params.rows == 0", "skipped")]
    [InlineData("skip_if: ds == \"2026-03-01\"", "skipped")]
    public void A_task_whose_condition_does_not_hold_is_skipped(string condition, string state) =>
        Assert.Equal(
            $"count success, load {state}, after {state}: success",
            Ends(Conditional.Replace("CONDITION", condition), "count: rows=42")
        );

    [Fact]
    public void A_condition_that_cannot_be_evaluated_fails_its_task() =>
        Assert.Equal(
            "count success, load failed, after upstream_failed: failed",
            Ends(Conditional.Replace("CONDITION", "run_if: tasks.count.output.rows > 1"))
        );

    const string ExitCodes = """
        dag: d
        tasks:
          a: { run: ./a, retries: 2, skip_on_exit_code: [99, 100], no_retry_on_exit_code: 3 }
          b: { needs: [a], noop: true, trigger_rule: none_failed }
        """;

    [Theory]
    [InlineData("exit 99", 1, "a skipped, b success: success")]
    [InlineData("exit 100", 1, "a skipped, b success: success")]
    [InlineData("exit 3", 1, "a failed, b upstream_failed: failed")]
    [InlineData("exit 1", 3, "a failed, b upstream_failed: failed")]
    [InlineData("oom", 3, "a failed, b upstream_failed: failed")]
    public void Exit_codes_decide_between_a_skip_a_retry_and_failure(string end, int attempts, string ends)
    {
        var run = Play(Dag(ExitCodes), $"a: {end}").Run;
        Assert.Equal((attempts, ends), (run.Tasks["a"].Attempt, Describe(run)));
    }

    [Fact]
    public void A_task_killed_with_a_code_that_means_skip_has_failed() =>
        Assert.Equal(
            "a failed, b upstream_failed: failed",
            Ends(ExitCodes.Replace("[99, 100]", "137").Replace("retries: 2", "retries: 0"), "a: oom")
        );

    // c (fails) ─► x ◄─ pick: pick did not choose x, and clearing c does not choose it either
    [Fact]
    public void Clearing_a_task_does_not_bring_back_what_a_branch_did_not_choose()
    {
        var run = Play(
            Dag(
                """
                dag: d
                tasks:
                  pick: { run: ./pick, branch: next }
                  c: { run: ./c }
                  x: { needs: [pick, c], noop: true }
                  y: { needs: [pick, c], noop: true }
                """
            ),
            "pick: next=y",
            "c: exit 1"
        ).Run;
        Assert.Equal("pick success, c failed, x skipped, y upstream_failed: failed", Describe(run));
        var cleared = RunDecider.Decide(run, new ClearTask("c", 1, 128, "case", T0));
        run = cleared.Aggregate(run, Run.Evolve);
        Assert.Equal("pick success, c queued, x skipped, y none: running", Describe(run));
        run = RunDecider.Decide(run, Report("c", 2, "")).Aggregate(run, Run.Evolve);
        Assert.Equal("pick success, c success, x skipped, y queued: running", Describe(run));
    }
}
