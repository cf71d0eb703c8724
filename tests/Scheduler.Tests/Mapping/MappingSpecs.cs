using Nightshift.Scheduler.Mapping;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;
using static Nightshift.Scheduler.Tests.Runs.Playback;

namespace Nightshift.Scheduler.Tests.Mapping;

/// <summary>What tasks with <c>for_each</c> become in a run.</summary>
public sealed class MappingSpecs
{
    // list (files) ─► load, for each file ─► report
    const string OverOutput = """
        dag: d
        tasks:
          list: { run: ./list }
          load: { needs: [list], run: ./load, for_each: "{{ tasks.list.output.files }}", env: { F: "{{ item }}" } }
          report: { needs: [load], run: ./report, env: { ALL: "{{ tasks.load.output.rows | join: '+' }}" } }
        """;

    static IEnumerable<string> Env(IEnumerable<RunEvent> log, string variable) =>
        log.OfType<TaskQueued>()
            .Where(x => x.Work.Env.ContainsKey(variable))
            .Select(x => $"{x.Task}={x.Work.Env[variable]}");

    [Fact]
    public void A_task_has_an_instance_for_each_item_of_an_output_and_hands_on_a_list()
    {
        var (run, log) = Play(
            Dag(OverOutput),
            "list: files=[\"a\", \"b\", \"c\"]",
            "load[0]: rows=1",
            "load[2]: rows=3"
        );
        Assert.Equal(
            "list success, load[0] success, load[1] success, load[2] success, report success: success",
            Describe(run)
        );
        Assert.Equal(["load[0]=a", "load[1]=b", "load[2]=c"], Env(log, "F"));
        Assert.Equal(["report=1+3"], Env(log, "ALL")); // in the order of the items, of those that handed it on
        var mapped = Assert.Single(log.OfType<TaskMapped>());
        Assert.Equal(("load", 3, "[\"a\", \"b\", \"c\"]"), (mapped.Task, mapped.Length, mapped.Items["item"]));
    }

    [Theory]
    // of a mapping, key and value
    [InlineData(
        "\"{{ tasks.list.output.x }}\"",
        "{{ item.key }}:{{ item.value.n }}",
        "{\"a\":{\"n\":1},\"b\":{\"n\":2}}",
        "a:1 b:2"
    )]
    [InlineData("\"{{ tasks.list.output.x }}\"", "{{ item }}", "[1, 1.50, true, null, \"\"]", "1 1.50 true  ")]
    // a list in the file, as it is written
    [InlineData("[north, 1.10, 007, true]", "{{ item }}", "", "north 1.10 007 true")]
    [InlineData("[{ name: a, n: [1, 2] }]", "{{ item.name }}{{ item.n | last }}", "", "a2")]
    // combinations in Airflow's order: the last varies fastest
    [InlineData("{ x: [1, 2], y: [a, b, c] }", "{{ item.x }}{{ item.y }}", "", "1a 1b 1c 2a 2b 2c")]
    [InlineData("{ y: [a], x: \"{{ tasks.list.output.x }}\" }", "{{ item.x }}{{ item.y }}", "[1,2]", "1a 2a")]
    // an expression that makes a list
    [InlineData("\"{{ tasks.list.output.x | split: ',' }}\"", "{{ map_index }}{{ item }}", "a,b", "0a 1b")]
    [InlineData("\"{{ tasks.list.output.x | map: 'n' }}\"", "{{ item }}", "[{\"n\":\"é\"},{\"n\":\"ü\"}]", "é ü")]
    [InlineData("\"{{ tasks.list.output.x.deep }}\"", "{{ item }}", "{\"deep\":[\"a\",\"b\"]}", "a b")]
    [InlineData("\"{{ tasks.list.output.y | default: '[7, 8]' }}\"", "{{ item }}", "", "7 8")]
    [InlineData("\"{{ params.regions }}\"", "{{ item }}", "", "eu us")]
    public void Templates_of_an_instance_know_its_item(string forEach, string template, string output, string items)
    {
        var dag = Dag(
            $$$"""
            dag: d
            params: { regions: '["eu", "us"]' }
            tasks:
              list: { run: ./list }
              load: { needs: [list], run: ./load, for_each: {{{forEach}}}, env: { F: "{{{template}}}" } }
            """
        );
        var (run, log) = Play(dag, $"list: x={output}");
        Assert.Equal(RunOutcome.Succeeded, run.Outcome);
        Assert.Equal(items.Split(' '), log.OfType<TaskQueued>().Skip(1).Select(x => x.Work.Env["F"]));
    }

    // Such an event could not be stored, and the run would stand still.
    [Theory]
    [InlineData("env: { F: '{{ item }}' }")]
    [InlineData("env: { F: '{{ tasks.list.output.x[0] }}' }")]
    [InlineData("map_index_template: 'file {{ item }}'")]
    public void An_item_with_a_NUL_fails_its_instance(string field)
    {
        var (run, log) = Play(
            Dag(
                "dag: d\ntasks:\n  list: { run: ./list }\n"
                    + $"  load: {{ needs: [list], run: ./load, for_each: '{{{{ tasks.list.output.x }}}}', {field} }}"
            ),
            """list: x=["a\u0000b"]"""
        );
        Assert.Equal(RunOutcome.Failed, run.Outcome);
        Assert.Contains("U+0000", Assert.Single(log.OfType<TaskFailed>()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_in_the_file_is_mapped_when_the_run_starts()
    {
        var events = RunDecider.Decide(
            Run.None,
            Start(Dag("dag: d\ntasks: { a: { noop: true, for_each: [x, y], map_index_template: \"<{{ item }}>\" } }"))
        );
        Assert.Equal(
            ["RunQueued", "TaskMapped a 2", "TaskQueued a[0] <x>", "TaskQueued a[1] <y>"],
            events.Select(x =>
                x switch
                {
                    TaskMapped y => $"TaskMapped {y.Task} {y.Length}",
                    TaskQueued y => $"TaskQueued {y.Task} {y.RenderedMapIndex}",
                    _ => x.GetType().Name,
                }
            )
        );
        Assert.Empty(events.OfType<TaskMapped>().Single().Items); // the plan has them
    }

    [Theory]
    // without items it is skipped, and what needs it by its rule
    [InlineData("files=[]", "load skipped, report skipped: success")]
    [InlineData("files={}", "load skipped, report skipped: success")]
    // what is no list fails it
    [InlineData("files=a", "load failed, report upstream_failed: failed")]
    [InlineData("files=7", "load failed, report upstream_failed: failed")]
    [InlineData("other=[1]", "load failed, report upstream_failed: failed")]
    // one instance that ends so decides
    [InlineData("files=[1]", "load[0] success, report success: success")]
    [InlineData("files=[1, 2, 3, 4, 5]", "load failed, report upstream_failed: failed")] // max_map_length
    public void The_length_decides_what_becomes_of_a_task(string output, string ends) =>
        Assert.Equal(
            $"list success, {ends}",
            Ends(OverOutput.Replace("run: ./load,", "run: ./load, max_map_length: 4,"), $"list: {output}")
        );

    [Theory]
    [InlineData("files=[1, 2, 3, 4, 5]", "It would be mapped to 5 instances, and max_map_length is 4")]
    [InlineData(
        "files=a",
        "'{{ tasks.list.output.files }}' of for_each is no list and no mapping, but 'a'; hand on JSON, such as "
            + "::output files=[\"a\", \"b\"]"
    )]
    [InlineData(
        "other=[1]",
        "Task 'list' handed on no output 'files'; where it may be missing, write "
            + "'{{ tasks.list.output.files | default: \"…\" }}'"
    )]
    public void A_task_that_cannot_be_mapped_says_why(string output, string why)
    {
        var (_, log) = Play(
            Dag(OverOutput.Replace("run: ./load,", "run: ./load, retries: 3, max_map_length: 4,")),
            $"list: {output}"
        );
        var failed = Assert.Single(log.OfType<TaskFailed>());
        Assert.Equal(("load", 1, "mapping", why), (failed.Task, failed.Attempt, failed.Reason, failed.Detail));
    }

    [Fact]
    public void Lists_and_combinations_too_long_for_the_file_are_told_by_their_whole_length()
    {
        var dag = Dag(
            OverOutput.Replace(
                "\"{{ tasks.list.output.files }}\"",
                "{ a: \"{{ tasks.list.output.files }}\", b: \"{{ tasks.list.output.files }}\", c: \"{{ tasks.list.output.files }}\" }"
            )
        );
        var many = string.Join(",", Enumerable.Range(0, 2000));
        var failed = Assert.Single(Play(dag, $"list: files=[{many}]").Log.OfType<TaskFailed>());
        Assert.Equal("It would be mapped to 2147483647 instances, and max_map_length is 1024", failed.Detail);
    }

    // Whatever the rule says, as in Airflow.
    [Theory]
    [InlineData("all_success", "exit 1", "upstream_failed")]
    [InlineData("all_done", "exit 1", "upstream_failed")]
    [InlineData("always", "exit 1", "upstream_failed")]
    [InlineData("none_failed", "exit 99", "skipped")]
    [InlineData("all_done", "exit 99", "skipped")]
    public void Without_the_output_of_its_source_a_task_is_not_mapped(string rule, string end, string state) =>
        Assert.EndsWith(
            $", load {state}: {(end == "exit 1" ? "failed" : "success")}",
            Ends(
                $$$"""
                dag: d
                tasks:
                  list: { run: ./list, skip_on_exit_code: 99 }
                  load:
                    needs: [list]
                    run: ./load
                    trigger_rule: {{{rule}}}
                    for_each: "{{ tasks.list.output.files }}"
                """,
                $"list: {end}"
            )
        );

    // Each instance is a task upstream.
    [Theory]
    [InlineData("all_success", "exit 1", "exit 99", "upstream_failed")]
    [InlineData("all_success", "", "exit 99", "skipped")]
    [InlineData("all_done", "exit 1", "exit 99", "success")]
    [InlineData("one_success", "exit 1", "", "success")]
    [InlineData("one_success", "exit 1", "exit 1", "upstream_failed")]
    [InlineData("none_failed_min_one_success", "exit 99", "exit 99", "skipped")]
    [InlineData("all_skipped", "exit 99", "exit 99", "success")]
    [InlineData("all_failed", "exit 1", "exit 1", "success")]
    public void A_rule_counts_every_instance(string rule, string first, string second, string state) =>
        Assert.Contains(
            $", b {state}:",
            Ends(
                $"dag: d\ntasks: {{ a: {{ run: x, for_each: [1, 2], skip_on_exit_code: 99 }}, "
                    + $"b: {{ needs: [a], noop: true, trigger_rule: {rule} }} }}",
                $"a[0]: {first}",
                $"a[1]: {second}"
            )
        );

    [Theory]
    [InlineData("run_if: item > 1", "a[0] skipped, a[1] success: success")]
    [InlineData("retries: 1", "a[0] success, a[1] failed: failed", "a[1]: exit 1")]
    [InlineData("skip_on_exit_code: 3", "a[0] skipped, a[1] success: success", "a[0]: exit 3")]
    public void Conditions_retries_and_exit_codes_are_those_of_each_instance(
        string fields,
        string ends,
        params string[] behaviours
    ) => Assert.Equal(ends, Ends($"dag: d\ntasks: {{ a: {{ run: x, for_each: [1, 2], {fields} }} }}", behaviours));

    // setup[0..1] ─► work ─► teardown[0..1]
    const string Surrounded = """
        dag: d
        tasks:
          up: { setup: true, run: x, for_each: [1, 2] }
          work: { needs: [up], run: x }
          deep: { needs: [work], run: x, trigger_rule: all_done }
          down: { needs: [up, deep], teardown: true, run: x, for_each: [1, 2] }
        """;

    [Theory]
    [InlineData("", "work success, deep success, down[0] success, down[1] success: success", "")]
    [InlineData("exit 1", "work upstream_failed, deep upstream_failed, down[0] success, down[1] success: failed", "")]
    [InlineData("", "work failed, deep success, down[0] success, down[1] success: success", "work: exit 1")]
    public void Setups_and_teardowns_may_be_mapped(string setup, string ends, string work) =>
        Assert.Equal(
            $"up[0] success, up[1] {(setup.Length > 0 ? "failed" : "success")}, {ends}",
            Ends(Surrounded, [$"up[1]: {setup}", .. work.Length > 0 ? new[] { work } : []])
        );

    [Fact]
    public void An_instance_that_fails_ends_a_run_that_fails_fast() =>
        Assert.Equal(
            "a[0] failed, a[1] failed, a[2] failed, b skipped: failed",
            Ends(
                "dag: d\nfail_fast: true\ntasks: { a: { run: x, for_each: [1, 2, 3] }, b: { needs: [a], noop: true } }",
                "a[0]: exit 1",
                "a[1]: hangs",
                "a[2]: hangs"
            )
        );

    [Fact]
    public void What_one_instance_does_not_choose_is_skipped_as_in_Airflow() =>
        Assert.Equal(
            "pick[0] success, pick[1] success, a skipped, b success, c skipped: success",
            Ends(
                """
                dag: d
                tasks:
                  pick: { run: x, for_each: [1, 2], branch: next }
                  a: { needs: [pick], noop: true }
                  b: { needs: [pick], noop: true }
                  c: { needs: [pick], noop: true, for_each: [1, 2] }
                """,
                "pick[0]: next=[\"a\", \"b\"]",
                "pick[1]: next=b"
            )
        );

    [Fact]
    public void The_item_of_a_retry_is_that_of_the_mapping_whatever_became_of_its_source()
    {
        var (run, log) = Play(
            Dag(OverOutput.Replace("run: ./load,", "run: ./load, retries: 1,")),
            "list: files=[\"a\", \"b\"]",
            "load[1]: exit 1"
        );
        Assert.Equal(["load[0]=a", "load[1]=b", "load[1]=b"], Env(log, "F"));
        Assert.Equal(TaskState.Failed, run.Tasks["load[1]"].State);
    }

    [Fact]
    public void Tasks_of_one_decision_are_judged_one_after_the_other_when_a_template_fails()
    {
        var run = RunDecider
            .Decide(
                Run.None,
                Start(
                    Dag(
                        "dag: d\nfail_fast: true\ntasks: { a: { run: x, for_each: [{ n: 1 }, {}, { n: 3 }], env: { N: \"{{ item.n }}\" } } }"
                    )
                )
            )
            .Aggregate(Run.None, Run.Evolve);
        Assert.Equal("a[0] failed, a[1] failed, a[2] skipped: failed", Describe(run));
        Assert.Equal("template ('{{ item.n }}': there is no 'item.n')", run.Tasks["a[1]"].Failure!.ToString());
    }
}
