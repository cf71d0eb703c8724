using static Nightshift.Scheduler.Tests.Plans;
using static Nightshift.Scheduler.Tests.Runs.Playback;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Setups, teardowns, and which tasks decide how a run ended.</summary>
public sealed class SetupTeardownSpecs
{
    // create (setup) ─► load ─► check ─► drop (teardown)
    //    └──────────────────────────────────┘
    const string Cluster = """
        dag: d
        tasks:
          create: { run: ./create, setup: true }
          load: { needs: [create], run: ./load }
          check: { needs: [load], run: ./check, trigger_rule: all_done }
          drop: { needs: [create, check], run: ./drop, teardown: true }
        """;

    [Theory]
    [InlineData("create success, load success, check success, drop success: success")]
    [InlineData("create success, load failed, check success, drop success: success", "load: exit 1")]
    [InlineData("create success, load success, check failed, drop success: failed", "check: exit 1")]
    [InlineData("create success, load success, check success, drop failed: success", "drop: exit 1")]
    // check would run after a load that failed; without its setup it does not, and is not waited for
    [InlineData(
        "create failed, load upstream_failed, check upstream_failed, drop upstream_failed: failed",
        "create: exit 1"
    )]
    public void A_teardown_runs_after_its_setup_and_does_not_decide_the_run(string ends, params string[] behaviour) =>
        Assert.Equal(ends, Ends(Cluster, behaviour));

    [Fact]
    public void A_setup_that_is_skipped_skips_all_in_its_scope() =>
        Assert.Equal(
            "create skipped, load skipped, check skipped, drop skipped: success",
            Ends(Cluster.Replace("setup: true", "setup: true, run_if: ds == \"never\""))
        );

    [Fact]
    public void A_teardown_may_decide_the_run() =>
        Assert.Equal(
            "create success, load success, check success, drop failed: failed",
            Ends(Cluster.Replace("teardown: true", "teardown: true, on_failure_fail_dagrun: true"), "drop: exit 1")
        );

    // The scope of a setup ends at its teardown: report runs although the setup failed. check decides the run, since
    // behind it is only the teardown.
    [Fact]
    public void A_task_behind_the_teardown_is_out_of_the_setups_scope() =>
        Assert.Equal(
            "create failed, load upstream_failed, check upstream_failed, drop upstream_failed, report success: failed",
            Ends(Cluster + "\n  report: { needs: [drop], noop: true, trigger_rule: all_done }", "create: exit 1")
        );

    // slow (setup) ─► w1 (all_success) ─┐
    // fast (setup) ─► w1                └► w2 (all_done), drop
    [Fact]
    public void A_setup_that_failed_is_enough_whatever_the_others_do()
    {
        var run = Play(
            Dag(
                """
                dag: d
                tasks:
                  slow: { run: ./slow, setup: true }
                  fast: { run: ./fast, setup: true }
                  w1: { needs: [slow, fast], noop: true }
                  w2: { needs: [w1], noop: true, trigger_rule: all_done }
                """
            ),
            "slow: hangs",
            "fast: exit 1"
        ).Run;
        Assert.Equal("slow queued, fast failed, w1 upstream_failed, w2 upstream_failed: running", Describe(run));
    }

    // w (one_success) could start after a, but the setup in whose scope it is has not ended
    [Fact]
    public void A_task_waits_for_setups_it_does_not_name_and_starts_when_they_have_ended()
    {
        var dag = Dag(
            """
            dag: d
            tasks:
              s: { run: ./s, setup: true }
              a: { run: ./a }
              b: { needs: [s], noop: true }
              w: { needs: [a, b], run: ./w, trigger_rule: one_success }
            """
        );
        Assert.Equal("s queued, a success, b none, w none: running", Describe(Play(dag, "s: hangs").Run));
        Assert.Equal("s success, a success, b success, w success: success", Describe(Play(dag).Run));
    }
}
