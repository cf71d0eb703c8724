using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>Fields that say how tasks depend on each other: what they mean, and what is refused.</summary>
public sealed class TaskFlowTables
{
    static TaskSpec Task(string fields, string defaults = "") =>
        Dag($"dag: a\ndefaults: {{ {defaults} }}\ntasks: {{ x: {{ {fields} }} }}").Tasks[0];

    [Fact]
    public void Every_trigger_rule_of_Airflow_can_be_written() =>
        Assert.Equal(
            [
                "all_done",
                "all_done_min_one_success",
                "all_done_setup_success",
                "all_failed",
                "all_skipped",
                "all_success",
                "always",
                "none_failed",
                "none_failed_min_one_success",
                "none_skipped",
                "one_done",
                "one_failed",
                "one_success",
            ],
            Enum.GetValues<TriggerRule>()
                .Select(x => TriggerRuleNames.Of(Task($"noop: true, trigger_rule: {TriggerRuleNames.Of(x)}").Rule))
                .Order(StringComparer.Ordinal)
        );

    [Fact]
    public void Fields_for_retries_come_from_the_defaults_too()
    {
        const string fields =
            "retry_exponential_backoff: true, max_retry_delay: 1h, "
            + "no_retry_on_exit_code: [2, 3], skip_on_exit_code: 99";
        foreach (var task in new[] { Task($"noop: true, {fields}"), Task("noop: true", fields) })
        {
            Assert.Equal((2.0, TimeSpan.FromHours(1)), (task.RetryExponentialBackoff, task.MaxRetryDelay));
            Assert.Equal([2, 3], task.NoRetryOnExitCode!);
            Assert.Equal([99], task.SkipOnExitCode!);
        }
        var own = Task("noop: true, skip_on_exit_code: [], retry_exponential_backoff: false", fields);
        Assert.Equal(0, own.RetryExponentialBackoff);
        Assert.Empty(own.SkipOnExitCode!);
    }

    [Fact]
    public void A_teardown_has_its_own_rule_and_a_short_circuit_skips_all_behind_it_by_default()
    {
        Assert.Equal(
            (TaskRole.Teardown, TriggerRule.AllDoneSetupSuccess),
            (Task("noop: true, teardown: true").Role, Task("noop: true, teardown: true").Rule)
        );
        Assert.Equal(new ShortCircuit("go", true), Task("run: ls, short_circuit: go").ShortCircuit);
        Assert.Equal(
            new ShortCircuit("go", false),
            Task("run: ls, short_circuit: go, ignore_downstream_trigger_rules: false").ShortCircuit
        );
    }

    [Fact]
    public void A_DAG_may_limit_its_runs()
    {
        var dag = Dag("dag: a\ndagrun_timeout: 2h\nfail_fast: true\ntasks: { x: { noop: true } }");
        Assert.Equal((TimeSpan.FromHours(2), true), (dag.DagRunTimeout, dag.FailFast));
    }

    // What is not written takes no room in each task of each run.
    [Fact]
    public void Fields_that_are_not_used_are_not_stored()
    {
        var json = System.Text.Json.JsonSerializer.Serialize(Task("noop: true"), Plumbing.Hosting.Json.Options);
        foreach (var field in new[] { "role", "retryExponentialBackoff", "skipOnExitCode", "runIf", "branch" })
            Assert.DoesNotContain($"\"{field}\"", json, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("noop: true, setup: true, teardown: true", "cannot be both 'setup' and 'teardown'")]
    [InlineData("noop: true, teardown: true, trigger_rule: all_done", "always has the trigger rule")]
    [InlineData("noop: true, on_failure_fail_dagrun: true", "is for teardowns")]
    [InlineData("run: ls, branch: a, short_circuit: b", "cannot both branch and short-circuit")]
    [InlineData("noop: true, branch: next", "hands on no output 'next'; write 'run' or 'command'")]
    [InlineData("run: ls, branch: true", "names the output that decides; write its name")]
    [InlineData("run: ls, ignore_downstream_trigger_rules: false", "says what 'short_circuit' skips")]
    [InlineData("noop: true, trigger_rule: all_don", "did you mean 'all_done'?")]
    [InlineData("noop: true, skip_on_exit_code: 0", "write a whole number from 1 to 255")]
    [InlineData("noop: true, no_retry_on_exit_code: [1, 256]", "write a whole number from 1 to 255")]
    [InlineData("noop: true, retry_exponential_backoff: 0.5", "from 1 to 100")]
    [InlineData("noop: true, max_retry_delay: 2d", "write a duration from 1s to 1d")]
    [InlineData("noop: true, run_if: 'params.a =='", "is no condition")]
    [InlineData("noop: true, run_if: ''", "it is empty; write a condition such as 'params.full'")]
    [InlineData("noop: true, run_if: '{% if x %}true{% endif %}'", "write the condition alone")]
    [InlineData("noop: true, run_if: 'params.ful'", "the DAG has no parameters")]
    [InlineData("noop: true, skip_if: 'tasks.x.output.rows > 1'", "known only after task 'x'")]
    [InlineData("noop: true, skip_if: 'row > 1'", "templates have no 'row'")]
    public void A_field_that_cannot_mean_what_was_intended_is_a_mistake_on_its_line(string fields, string mistake)
    {
        var found = Assert.Single(DagFile.Read($"dag: a\ntasks:\n  x: {{ {fields} }}").Mistakes);
        Assert.Equal(3, found.Line);
        Assert.Contains(mistake, found.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "",
        "s: { noop: true, setup: true }\n  x: { needs: [s], noop: true, trigger_rule: all_done }",
        "needs the setup 's'"
    )]
    [InlineData(
        "fail_fast: true",
        "y: { noop: true }\n  x: { needs: [y], noop: true, trigger_rule: all_done }",
        "With 'fail_fast'"
    )]
    public void Rules_that_contradict_other_fields_are_mistakes(string dag, string tasks, string mistake)
    {
        var found = Assert.Single(DagFile.Read($"dag: a\n{dag}\ntasks:\n  {tasks}").Mistakes);
        Assert.Contains(mistake, found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_DAG_has_a_limit_of_setups()
    {
        var setups = string.Join("\n", Enumerable.Range(0, 101).Select(x => $"  s{x}: {{ noop: true, setup: true }}"));
        var found = Assert.Single(DagFile.Read($"dag: a\ntasks:\n{setups}").Mistakes);
        Assert.Equal((103, true), (found.Line, found.Text.Contains("more than 100 setups", StringComparison.Ordinal)));
    }
}
