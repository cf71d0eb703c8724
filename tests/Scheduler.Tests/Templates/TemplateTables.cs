using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Templates;

/// <summary>What templates in the environment of a task see and do, as a run renders them.</summary>
public sealed class TemplateTables
{
    static readonly Dictionary<string, string> Outputs = new()
    {
        ["rows"] = "42",
        ["ratio"] = "0.50",
        ["ok"] = "false",
        ["version"] = "1.10",
        ["code"] = "007",
        ["list"] = "[1, 2.5, \"x\", null, true]",
        ["map"] = """{"n": 9, "none": null, "no": false, "big": 12345678901234567890123456789012, "n": 10}""",
        ["odd"] = """{"a": "\ud83d"}""",
    };

    // ask ──► use, whose environment has the template; ask may fail, as under all_done
    static RunEvent Decided(string template, bool succeeds = true, string parameters = "", string rule = "all_done")
    {
        var dag = Dag(
            $"dag: d\nparams: {{ {parameters} }}\ntasks:\n  ask: {{ noop: true }}\n"
                + $"  use:\n    needs: [ask]\n    trigger_rule: {rule}\n    noop: true\n"
                + $"    env:\n      X: '{template.Replace("'", "''", StringComparison.Ordinal)}'"
        );
        var run = RunDecider.Decide(Run.None, Start(dag)).Aggregate(Run.None, Run.Evolve);
        return RunDecider.Decide(run, succeeds ? Succeeded("ask") with { Outputs = Outputs } : Failed("ask"))[1];
    }

    static string Rendered(string template, bool succeeds = true, string parameters = "") =>
        Decided(template, succeeds, parameters) switch
        {
            TaskQueued queued => queued.Work.Env["X"],
            TaskFailed failed => $"failed: {failed.Detail}",
            var other => other.ToString(),
        };

    [Theory]
    [InlineData("{% if tasks.ask.output.rows > 10 %}many{% else %}few{% endif %}", "many")] // "42" < "7" as text
    [InlineData("{% if tasks.ask.output.rows > 7 %}many{% else %}few{% endif %}", "many")]
    [InlineData("{% if 7 < tasks.ask.output.rows %}many{% endif %}", "many")]
    [InlineData("{% if tasks.ask.output.rows >= tasks.ask.output.code %}many{% endif %}", "many")]
    [InlineData("{% if tasks.ask.output.rows == 42 %}yes{% endif %}", "yes")]
    [InlineData("{% if tasks.ask.output.rows == \"42\" %}yes{% endif %}", "yes")]
    [InlineData("{% if tasks.ask.output.rows != 42 %}no{% else %}yes{% endif %}", "yes")]
    [InlineData("{% if tasks.ask.output.ratio == 0.5 %}yes{% endif %}", "yes")]
    // texts stay texts
    [InlineData("{% if tasks.ask.output.version == \"1.1\" %}same{% else %}other{% endif %}", "other")]
    [InlineData("{% case tasks.ask.output.rows %}{% when 41, 42 %}yes{% else %}no{% endcase %}", "yes")]
    [InlineData("{% case tasks.ask.output.rows %}{% when \"42\" %}yes{% endcase %}", "yes")]
    [InlineData("{% if tasks.ask.output.ok %}yes{% else %}no{% endif %}", "no")]
    [InlineData("{% if tasks.ask.output.ok == false %}yes{% endif %}", "yes")]
    [InlineData("{% if tasks.ask.output.ok == \"false\" %}yes{% endif %}", "yes")]
    [InlineData("{{ tasks.ask.output.ok }} {{ tasks.ask.output.rows }} {{ tasks.ask.output.ratio }}", "false 42 0.50")]
    [InlineData("{{ tasks.ask.output.version }} {{ tasks.ask.output.code }}", "1.10 007")] // as written
    [InlineData("{{ tasks.ask.output.rows | plus: 1 }}", "43")]
    [InlineData("{{ tasks.ask.output.map.n }}{% if tasks.ask.output.map.n > 9 %} more{% endif %}", "10 more")]
    [InlineData("{{ tasks.ask.output.map.big }}", "12345678901234567890123456789012")]
    [InlineData("{{ tasks.ask.output.map.none }}|{% if tasks.ask.output.map.none == nil %}nil{% endif %}", "|nil")]
    [InlineData("{% if tasks.ask.output.map.no %}yes{% else %}no{% endif %}", "no")]
    [InlineData("{% if tasks.ask.output.list contains 2.5 %}yes{% endif %}", "yes")]
    [InlineData("{{ tasks.ask.output.list | join: \"+\" }}", "1+2.5+x++true")]
    [InlineData("{{ tasks.ask.output.odd }}", """{"a": "\ud83d"}""")] // not valid JSON text: as printed
    public void An_output_compares_as_what_it_reads_as(string template, string expected) =>
        Assert.Equal(expected, Rendered(template));

    [Theory]
    [InlineData("n: 42", "{% if params.n > 7 %}many{% endif %}", "many")]
    [InlineData("n: 0x1F", "{% if params.n == 31 %}yes{% endif %} {{ params.n }}", "yes 0x1F")]
    [InlineData("n: 1.50", "{{ params.n }}", "1.50")]
    [InlineData("b: False", "{% if params.b %}yes{% else %}no{% endif %} {{ params.b }}", "no false")]
    [InlineData("b: true", "{% if params.b == true %}yes{% endif %}", "yes")]
    [InlineData("z: ~", "[{{ params.z }}]{% if params.z == nil %}nil{% endif %}", "[]nil")]
    [InlineData("z: ", "{% if params.z %}yes{% else %}no{% endif %}", "no")]
    [InlineData("z: null", "{{ params.z | default: \"none\" }}", "none")]
    [InlineData("z: \"~\"", "{{ params.z }}", "~")]
    [InlineData("z: ~", "{% case params.z %}{% when nil %}nil{% else %}other{% endcase %}", "nil")]
    [InlineData("d: 2026-03-01", "{{ params.d | date: \"%d.%m.%Y\" }}", "01.03.2026")]
    public void A_parameter_keeps_its_kind_where_templates_ask(string parameter, string template, string expected) =>
        Assert.Equal(expected, Rendered(template, parameters: parameter));

    [Theory]
    [InlineData("{{ tasks.ask.output.rows | default: \"unknown\" }}", "unknown")]
    [InlineData("{{ tasks.ask.output[\"rows\"] | default: 0 | plus: 1 }}", "1")]
    [InlineData("{{ tasks.ask.output.rows | default: ds }}", "2026-03-01")]
    [InlineData("{% assign r = tasks.ask.output.rows | default: 0 %}{% if r > 7 %}many{% else %}few{% endif %}", "few")]
    [InlineData("{{ trigger.branch | default: \"main\" }}", "main")]
    public void Default_stands_in_for_what_a_failed_task_did_not_hand_on(string template, string expected) =>
        Assert.Equal(expected, Rendered(template, succeeds: false));

    [Theory]
    [InlineData(
        "{{ tasks.ask.output.rows }}",
        "Task 'ask' handed on no output 'rows'; where it may be missing, write '{{ tasks.ask.output.rows | "
            + "default: \"…\" }}'"
    )]
    [InlineData("{{ tasks.ask.output.rows | upcase | default: 1 }}", "handed on no output 'rows'")]
    [InlineData("{{ \"x\" | append: tasks.ask.output.rows }}", "handed on no output 'rows'")]
    public void Without_default_a_missing_output_fails_the_task(string template, string detail) =>
        Assert.Contains(detail, Rendered(template, succeeds: false), StringComparison.Ordinal);

    // The run's own time, in UTC, wherever the scheduler runs.
    [Theory]
    [InlineData("{{ logical_date | date: \"%Y-%m-%d %H:%M %z\" }}", "2026-03-01 09:00 +0000")]
    [InlineData("{{ ds | date: \"%H:%M %z\" }}", "00:00 +0000")]
    [InlineData("{{ \"2026-07-01 12:00\" | date: \"%H %z\" }}", "12 +0000")]
    [InlineData("{{ \"now\" | date: \"%Y-%m-%dT%H:%M\" }}", "2026-03-01T09:00")]
    [InlineData("{{ logical_date | time_zone: \"Europe/Berlin\" | date: \"%H:%M %z\" }}", "10:00 +0100")]
    [InlineData(
        "{{ logical_date | time_zone: \"local\" | date: \"%H\" }}",
        "failed: 'local' is another zone on each machine; name it, such as 'Europe/Berlin'"
    )]
    public void Dates_do_not_depend_on_the_host(string template, string expected) =>
        Assert.Equal(expected, Rendered(template));

    const string Doubled = "{% assign a = \"xxxxxxxx\" %}{% for i in (1..30) %}";

    // Each would take gigabytes or minutes without its bound.
    [Theory]
    [InlineData(Doubled + "{% assign a = a | append: a %}{% endfor %}")]
    [InlineData(Doubled + "{% assign a = a | prepend: a %}{% endfor %}")]
    [InlineData(Doubled + "{% assign a = a | replace: \"x\", a %}{% endfor %}")]
    [InlineData(Doubled + "{% assign a = a | replace: \"\", a %}{% endfor %}")]
    [InlineData(Doubled + "{% capture a %}{{ a }}{{ a }}{% endcapture %}{% endfor %}")]
    [InlineData(
        "{% assign a = \"x,x\" | split: \",\" %}{% for i in (1..30) %}{% assign a = a | concat: a %}{% endfor %}"
    )]
    [InlineData(
        "{% assign a = \"x,x\" | split: \",\" %}{% for i in (1..14) %}{% assign a = a | concat: a %}{% endfor "
            + "%}{% assign s = a | join: ds %}{{ a | join: s }}"
    )]
    [InlineData("{% for i in (1..9000) %}{% for j in (1..9000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% for i in (1..1000000000) %}{% endfor %}")]
    [InlineData("{% assign a = (1..2000000000) %}{{ a.size }}")]
    [InlineData("{% tablerow i in (1..999999999) cols: 2 %}{{ i }}{% endtablerow %}")]
    [InlineData("{% for i in (1..9000) %}0123456789012345678901234567890123456789{% endfor %}")]
    [InlineData("{% for i in (1..9000) %}{% raw %}0123456789012345678901234567890123456789{% endraw %}{% endfor %}")]
    [InlineData("{% for i in (1..9000) %}{% cycle \"0123456789012345678901234567890123456789\", \"b\" %}{% endfor %}")]
    [InlineData(
        "{% capture a %}{% for i in (1..9000) %}0123456789012345678901234567890123456789{% endfor %}{% endcapture %}"
    )]
    [InlineData("{{ ds | date: \"%999999999n\" }}")]
    [InlineData("{{ ds | date: \"%-_0999999999N\" }}")]
    public void A_template_that_would_grow_without_end_is_refused_as_it_begins(string template)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var failed = Assert.IsType<TaskFailed>(Decided(template));
        Assert.Equal("template", failed.Reason);
        Assert.InRange(failed.Detail.Length, 10, 400);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024 * 1024);

        // The same as a default is a mistake of the file.
        Assert.Contains(
            "cannot be rendered",
            Assert
                .Single(DagFile.Read($"dag: d\nparams:\n  a: '{template}'\ntasks: {{ t: {{ noop: true }} }}").Mistakes)
                .Text,
            StringComparison.Ordinal
        );
    }

    // The parser and the renderer recurse this deep; another level is refused.
    [Fact]
    public void A_template_at_the_limits_of_depth_is_rendered()
    {
        string Nested(int blocks, int operators) =>
            Repeat("{% if ds " + Repeat("and ds ", operators) + "%}", blocks)
            + "x{{ ds "
            + Repeat("| append: \"\" ", operators)
            + "}}"
            + Repeat("{% endif %}", blocks);
        Assert.Equal("x2026-03-01", Rendered(Nested(50, 200)));
        Assert.NotEmpty(
            DagFile.Read($"dag: d\nparams: {{ a: '{Nested(51, 1)}' }}\ntasks: {{ t: {{ noop: true }} }}").Mistakes
        );
        Assert.NotEmpty(
            DagFile.Read($"dag: d\nparams: {{ a: '{Nested(1, 201)}' }}\ntasks: {{ t: {{ noop: true }} }}").Mistakes
        );
        Assert.StartsWith(
            "failed: ",
            Rendered("{{ " + Repeat("params[", 199) + "ds" + Repeat("]", 199) + " }}"),
            StringComparison.Ordinal
        );
    }

    static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    // A search for half of a long text in all of it, over and over: few characters come of it, and much work.
    [Theory]
    [InlineData("{% if a contains b %}{% endif %}")]
    [InlineData("{% assign c = a | remove: b %}")]
    [InlineData("{% assign c = a | split: b %}")]
    [InlineData("{% if a == c %}{% endif %}")]
    public void Work_that_leaves_nothing_behind_is_bounded_too(string statement) =>
        Assert.Contains(
            "too much work",
            Rendered(
                "{% assign a = \"xxxxxxxx\" %}{% for i in (1..12) %}{% assign b = a %}{% assign a = a | append: "
                    + "a %}{% endfor %}{% assign b = b | append: \"y\" %}{% assign c = a | append: \"\" %}{% "
                    + "for i in (1..9000) %}"
                    + statement
                    + "{% endfor %}"
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void The_defaults_of_one_file_share_their_work()
    {
        var loop = "{% for i in (1..9000) %}{% endfor %}";
        var parameters = string.Concat(Enumerable.Range(0, 3000).Select(i => $"  p{i}: '{loop}'\n"));
        var reading = DagFile.Read($"dag: d\nparams:\n{parameters}tasks: {{ t: {{ noop: true }} }}");
        Assert.Contains(reading.Mistakes, x => x.Text.Contains("too much work together", StringComparison.Ordinal));
        Assert.Empty(DagFile.Read($"dag: d\nparams:\n  a: '{loop}'\ntasks: {{ t: {{ noop: true }} }}").Mistakes);
    }

    [Fact]
    public void All_outputs_of_all_tasks_are_too_much_for_one_variable()
    {
        Assert.Contains("\"rows\"", Rendered("{{ tasks.ask.output | json }}"), StringComparison.Ordinal);
        Assert.Contains("rows", Rendered("{{ tasks | json }}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rendered_variable_that_no_program_takes_fails_the_task_and_is_named()
    {
        var dag = Dag(
            "dag: d\ntasks:\n  ask: { noop: true }\n  use: { needs: [ask], noop: true, env: { BIG: '{{ "
                + "tasks.ask.output.a }}{{ tasks.ask.output.a }}{{ tasks.ask.output.a }}' } }"
        );
        var run = RunDecider.Decide(Run.None, Start(dag)).Aggregate(Run.None, Run.Evolve);
        RunEvent After(string output) =>
            RunDecider.Decide(
                run,
                Succeeded("ask") with
                {
                    Outputs = new Dictionary<string, string> { ["a"] = output },
                }
            )[1];
        Assert.IsType<TaskQueued>(After(new string('é', 20_000)));
        var failed = Assert.IsType<TaskFailed>(After(new string('é', 25_000)));
        Assert.Contains("The variable 'BIG' has 150004 bytes with its name", failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_that_no_program_takes_together_fail_the_task()
    {
        var env = string.Join(
            ", ",
            Enumerable.Range(0, 40).Select(i => $"V{i}: '{{{{ tasks.ask.output.a }}}}{{{{ tasks.ask.output.a }}}}'")
        );
        var dag = Dag(
            $"dag: d\ntasks:\n  ask: {{ noop: true }}\n  use: {{ needs: [ask], noop: true, env: {{ {env} }} }}"
        );
        var run = RunDecider.Decide(Run.None, Start(dag)).Aggregate(Run.None, Run.Evolve);
        var outputs = new Dictionary<string, string> { ["a"] = new('x', 30_000) };
        var failed = Assert.IsType<TaskFailed>(RunDecider.Decide(run, Succeeded("ask") with { Outputs = outputs })[1]);
        Assert.Contains("together; a program takes at most", failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_given_to_a_run_may_be_nothing()
    {
        var dag = Dag("dag: d\nparams: { p: one }\ntasks: { t: { noop: true, env: { X: '[{{ params.p }}]' } } }");
        var given = new Dictionary<string, string?> { ["p"] = null };
        Assert.Equal("[]", RunDecider.Decide(Run.None, Start(dag, given)).OfType<TaskQueued>().Single().Work.Env["X"]);
    }

    // whitespace control, loops with offset: continue and the other parts of Liquid that rewriting must leave alone
    [Theory]
    [InlineData("a {%- if true -%} b {%- endif -%} c", "abc")]
    [InlineData("{% for i in (1..3) %}{{ i }}{% unless forloop.last %},{% endunless %}{% endfor %}", "1,2,3")]
    [InlineData(
        "{% for x in tasks.ask.output.list limit: 2 %}{{ x }};{% endfor %}{% for x in tasks.ask.output.list "
            + "offset: 4 %}{{ x }}{% else %}none{% endfor %}",
        "1;2.5;true"
    )]
    [InlineData("{% for i in (1..4) reversed %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "43")]
    [InlineData(
        "{% capture a %}{% for i in (1..2) %}{% cycle \"x\", \"y\" %}{% endfor %}{% endcapture %}{{ a }}",
        "xy"
    )]
    [InlineData("{% raw %}{{ params.x }}{% endraw %}", "{{ params.x }}")]
    [InlineData("{% echo ds %}", "2026-03-01")]
    [InlineData("{% increment n %}{% increment n %}", "01")]
    [InlineData("{{ \"a,b\" | split: \",\" | reverse | join: \"-\" | upcase }}", "B-A")]
    [InlineData("{{ \"x\" | replace: \"x\", \"yy\" }}{{ \"abc\" | slice: 1 }}{{ \"a b\" | url_encode }}", "yyba+b")]
    [InlineData("{% if ds contains \"2026\" and tasks.ask.output.rows > 1 or false %}yes{% endif %}", "yes")]
    public void The_rest_of_Liquid_works_as_before(string template, string expected) =>
        Assert.Equal(expected, Rendered(template));
}
