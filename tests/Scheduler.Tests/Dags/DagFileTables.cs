namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>What a user gets to read for each mistake: the line, what is wrong, what to write instead.</summary>
public sealed class DagFileTables
{
    [Theory]
    [InlineData(
        "dag: a\ntasks:\n  x: { noop: true }\nshedule: '@daily'",
        4,
        "no key 'shedule'; did you mean 'schedule'?"
    )]
    [InlineData("tasks:\n  x: { noop: true }", 1, "begin the file with 'dag: name'")]
    [InlineData("dag: a/b\ntasks:\n  x: { noop: true }", 1, "use letters, digits, _ and -")]
    [InlineData("dag: my__dag\ntasks:\n  x: { noop: true }", 1, "without _ at either end or twice in a row")]
    [InlineData("dag: a_\ntasks:\n  x: { noop: true }", 1, "without _ at either end")]
    [InlineData("dag: _a\ntasks:\n  x: { noop: true }", 1, "without _ at either end")]
    [InlineData("dag: a", 1, "add 'tasks:' with at least one")]
    [InlineData("dag: a\ntasks: {}", 2, "add at least one task")]
    [InlineData(
        "dag: a\nschedule: every day\ntasks:\n  x: { noop: true }",
        2,
        "write five cron fields such as \"0 9 * * 1-5\""
    )]
    [InlineData("dag: a\nschedule: { every: 5 }\ntasks:\n  x: { noop: true }", 2, "such as 30s, 10m, 2h")]
    [InlineData("dag: a\nschedule: { catchup: true }\ntasks:\n  x: { noop: true }", 2, "either 'cron' or 'every'")]
    [InlineData(
        "dag: a\nschedule: '@daily'\ntimezone: Berlin\ntasks:\n  x: { noop: true }",
        3,
        "write an IANA name such as Europe/Berlin; did you mean 'Europe/Berlin'?"
    )]
    [InlineData(
        "dag: a\nschedule: { every: 15m, timezone: Europe/Berlin }\ntasks:\n  x: { noop: true }",
        2,
        "'every: 15m' counts elapsed time, which no time zone changes; remove 'schedule.timezone'"
    )]
    [InlineData(
        "dag: a\nschedule: { every: 36h, timezone: Europe/Berlin }\ntasks:\n  x: { noop: true }",
        2,
        "'every: 36h' counts elapsed time"
    )]
    [InlineData(
        "dag: a\ntasks:\n  x:\n    needs: [y]\n    noop: true\n  z: { noop: true }",
        4,
        "needs 'y', which is no task of this DAG; did you mean"
    )]
    [InlineData(
        "dag: a\ntasks:\n  x: { noop: true, needs: [y] }\n  y: { noop: true, needs: [x] }",
        3,
        "in a circle: x, y"
    )]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, command: [ls] }", 3, "write exactly one of run, command, noop")]
    [InlineData("dag: a\ntasks:\n  x: { image: alpine }", 3, "nothing to do")]
    [InlineData("dag: a\ntasks:\n  x: { run: 'echo {{ ds }}' }", 3, "use \"$VALUE\" in the line")]
    [InlineData("dag: a\ntasks:\n  x: { run: 'echo {{ds|date: \"%d\"}}' }", 3, "use \"$VALUE\" in the line")]
    [InlineData("dag: a\ntasks:\n  x: { command: [echo, '{{-params.a }}'] }", 3, "this one uses 'params'")]
    [InlineData("dag: a\ntasks:\n  x: { run: '{% if trigger.branch %}ls{% endif %}' }", 3, "this one uses 'trigger'")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, env: { A: '{{ ds' } }", 3, "does not parse")]
    [InlineData(
        "dag: a\nparams:\n  day: '{{ dss }}'\ntasks:\n  x: { noop: true }",
        3,
        "The default of parameter 'day' cannot be rendered: '{{ dss }}'"
    )]
    [InlineData(
        "dag: a\nparams: { b: '{{ trigger.branch }}' }\ntasks:\n  x: { noop: true }",
        2,
        "trigger.* where only pushes start the DAG"
    )]
    [InlineData(
        "dag: a\nschedule: '@daily'\non: { push: { repositories: [acme/*] } }\nparams: { b: '{{ trigger.branch }}' }\ntasks:\n  x: { noop: true }",
        4,
        "trigger.* where only pushes start the DAG"
    )]
    [InlineData(
        "dag: a\non: { push: { repositories: [acme/*] } }\nparams: { b: '{{ trigger.brunch }}' }\ntasks:\n  x: { noop: true }",
        3,
        "cannot be rendered"
    )]
    [InlineData("dag: a\nparams: { d: '{{ ds' }\ntasks:\n  x: { noop: true }", 2, "does not parse")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, memory: 512 }", 3, "such as 256MiB or 2GiB")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, memory: 1MiB }", 3, "from 6MiB")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, retries: -1 }", 3, "a whole number from 0 to 100")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, cpus: many }", 3, "a number from 0.01 to 512")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, queue: team/gpu }", 3, "such as gpu")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, queue: big box }", 3, "1 to 60 lower-case letters, digits and dashes")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, queue: engine-1 }", 3, "not beginning with engine-")]
    [InlineData("dag: a\ndefaults: { queue: '' }\ntasks:\n  x: { run: ls }", 2, "'defaults.queue' is ''")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, trigger_rule: all_sucess }", 3, "did you mean 'all_success'?")]
    [InlineData(
        "dag: a\non: { push: { branches: [main] } }\ntasks:\n  x: { noop: true }",
        2,
        "must name its 'repositories'"
    )]
    [InlineData("dag: a\ntasks:\n  x: { run: ls }\n  x: { run: ls }", 4, "'x' is here twice, first on line 3")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls }\n  'x': { run: ls }", 4, "'x' is here twice, first on line 3")]
    [InlineData("dag: a\ndag: b\ntasks:\n  x: { run: ls }", 2, "'dag' is here twice, first on line 1")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, image: }", 3, "'tasks.x.image' has no value")]
    [InlineData("dag: a\ndefaults: { image: ~ }\ntasks:\n  x: { run: ls }", 2, "'defaults.image' is ~")]
    [InlineData("dag: a\ntasks:\n  x: { run: null }", 3, "put \"null\" in quotes")]
    [InlineData("dag: a\ntasks:\n  x: { command: [echo, ~] }", 3, "An entry of 'tasks.x.command' is ~")]
    [InlineData("dag: a\ntasks:\n  x: { run: [ls] }", 3, "'tasks.x.run' must be text, not a list")]
    [InlineData("dag: ~\ntasks:\n  x: { run: ls }", 1, "'dag' is ~, which is no value")]
    [InlineData("dag: a\ntasks:", 2, "'tasks' is empty")]
    [InlineData("dag: a\ntasks:\n  ~: { run: ls }", 3, "A key is missing before ':'")]
    [InlineData("dag: a\ntasks:\n  ? [x]\n  : { run: ls }", 3, "A key must be text")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, retries: 010 }", 3, "without a zero before it")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, retries: 1_0 }", 3, "a whole number from 0 to 100")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, retries: ~ }", 3, "a whole number from 0 to 100")]
    [InlineData("dag: a\ntasks:\n  x: { run: ls, cpus: .nan }", 3, "a number from 0.01 to 512")]
    [InlineData("dag: a\ntasks:\n  x: { noop: yes }", 3, "'tasks.x.noop' is 'yes'; write true or false")]
    [InlineData("dag: a\nschedule: */5 * * * *\ntasks:\n  x: { noop: true }", 2, "put it in quotes: \"*/5 * * * *\"")]
    [InlineData("dag: a\nschedule: * * * * *\ntasks:\n  x: { noop: true }", 2, "put it in quotes: \"* * * * *\"")]
    [InlineData("dag: a\nschedule: @daily\ntasks:\n  x: { noop: true }", 2, "put it in quotes: \"@daily\"")]
    [InlineData(
        "dag: a\non: { push: { repositories: [acme/x], branches: [!main, *] } }\ntasks:\n  x: { noop: true }",
        2,
        "put it in quotes: \"!main\""
    )]
    [InlineData("dag: a\nschedule: \"0 0 31 2 *\"\ntasks:\n  x: { noop: true }", 2, "never comes")]
    [InlineData("dag: a\nschedule: { cron: \"15 4 31 4,6,9,11 *\" }\ntasks:\n  x: { noop: true }", 2, "never comes")]
    [InlineData("dag: a\nschedule: \"0 0 32 2 *\"\ntasks:\n  x: { noop: true }", 2, "is no schedule")]
    [InlineData("dag: a\nschedule: \"H 3 * * *\"\ntasks:\n  x: { noop: true }", 2, "'H 3 * * *' is no schedule")]
    [InlineData("dag: a\n tasks: [", 2, "not YAML")]
    [InlineData("dag: a\ntasks:\n\tx: { noop: true }", 3, "YAML is indented with spaces")]
    [InlineData("dag: a\ntasks:\n  x:\n  \trun: ls", 4, "YAML is indented with spaces")]
    [InlineData("dag: a\ntasks:\n  x:\n    run: ls\n\tretries: 1", 5, "YAML is indented with spaces")]
    [InlineData("dag: a\ntasks:\n  x: {\n\tnoop: true }", 4, "YAML is indented with spaces")]
    [InlineData(
        "dag: a\ntasks:\n  x:\n    run: |\n      if true\n      \tthen ls; fi\n\ty: { noop: true }",
        7,
        "YAML is indented with spaces"
    )]
    [InlineData("dag: a\n---\ndag: b", 1, "one DAG per file")]
    [InlineData("", 1, "one DAG per file")]
    [InlineData("just text", 1, "must be a mapping")]
    public void A_mistake_is_reported_with_its_line_and_what_to_write_instead(string yaml, int line, string text)
    {
        var reading = DagFile.Read(yaml);
        Assert.Null(reading.Spec);
        Assert.Contains(reading.Mistakes, x => x.Line == line && x.Text.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_template_that_does_not_parse_is_told_in_one_sentence() =>
        Assert.Equal(
            "The template does not parse: End of tag '}}' was expected at (1:12)",
            Assert.Single(DagFile.Read(WithTemplate("{{ unclosed")).Mistakes).Text
        );

    // a ──► b ──► c; the template stands in the environment of b, on line 10
    static string WithTemplate(string template, string starts = "") =>
        $$"""
            dag: d
            params: { day: '1' }
            {{starts}}
            tasks:
              a: { noop: true }
              c: { needs: [b], noop: true }
              b:
                needs: [a]
                env:
                  X: '{{template}}'
                noop: true
              other: { noop: true }
            """;

    [Theory]
    [InlineData("{{ nosuch }}", "uses 'nosuch', but templates have no 'nosuch'; use one of run_id, ds")]
    [InlineData("{{ logical_dat }}", "did you mean 'logical_date'?")]
    [InlineData("{{ params.dya }}", "uses 'params.dya', but the DAG has no parameter 'dya'; did you mean 'day'?")]
    [InlineData("{{ params[\"missing_param\"] }}", "has no parameter 'missing_param'; use one of day")]
    [InlineData("{{ tasks.zz.output.q }}", "uses 'tasks.zz.output.q', but the DAG has no task 'zz'; did you mean")]
    [InlineData(
        "{{ tasks.other.output.q }}",
        "but task 'b' does not wait for task 'other'; write 'needs: [a, other]' under task 'b'"
    )]
    [InlineData("{{ tasks.b.output.q }}", "but that is known only after task 'b'")]
    [InlineData("{{ tasks.c.output.q }}", "but that is known only after task 'b'")]
    [InlineData("{{ tasks.a.q }}", "write 'tasks.a.output.' and the name")]
    [InlineData("{{ tasks.zz.output.q | default: 1 }}", "the DAG has no task 'zz'")]
    [InlineData("{{ params.dya | default: 1 }}", "the DAG has no parameter 'dya'")]
    [InlineData("{{ ds | upcasse }}", "there is no filter 'upcasse'; did you mean 'upcase'?")]
    [InlineData("{{ 1 | format_number: \"N999999999\" }}", "there is no filter 'format_number'")]
    [InlineData(
        "{{ trigger.branch }}",
        "write '{{ trigger.branch | default: \"none\" }}' or '{% if trigger.size > 0 %}{{ trigger.branch }}{% endif %}'"
    )]
    [InlineData("{{ trigger.brunch }}", "a push has no 'brunch'; did you mean 'branch'?")]
    [InlineData(
        "{{ trigger.brunch }}",
        "a push has no 'brunch'; did you mean 'branch'?",
        "on: { push: { repositories: [acme/*] } }"
    )]
    [InlineData("{% if trigger.size > 0 %}{{ trigger.brunch }}{% endif %}", "a push has no 'brunch'")]
    [InlineData("{% if ds == \"x\" %}{{ params.dya }}{% endif %}", "has no parameter 'dya'")]
    [InlineData("{% if nosuch %}{% endif %}", "have no 'nosuch'")]
    [InlineData("{% for x in params.dya %}{% endfor %}", "has no parameter 'dya'")]
    [InlineData("{{ params[nosuch] }}", "have no 'nosuch'")]
    [InlineData("{{ ds | append: nosuch }}", "have no 'nosuch'")]
    public void A_template_that_names_what_no_run_has_is_a_mistake_of_the_file(
        string template,
        string text,
        string starts = ""
    )
    {
        var mistake = Assert.Single(DagFile.Read(WithTemplate(template, starts)).Mistakes);
        Assert.Equal(10, mistake.Line);
        Assert.Contains(text, mistake.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "{{ ds }} {{ logical_date }} {{ data_interval_start }} {{ data_interval_end }} {{ run_id }} {{ params.day }} {{ ds.size }} {{ params.size }}"
    )]
    [InlineData(
        "{{ tasks.a.output.any.thing[0].at_all }} {{ tasks[\"a\"].output[\"q\"] }} {{ tasks.a.output | json }}"
    )]
    [InlineData(
        "{% assign x = ds %}{% capture y %}{{ x }}{% endcapture %}{{ y }}{% for z in tasks.a.output.list %}{{ z.n }} {{ forloop.index }}{% endfor %}{% increment n %}"
    )]
    [InlineData(
        "{% if params.day == empty or params.day == nil or params.day == blank %}{% endif %}{% for i in (1..3) limit: 2 %}{{ i }}{% endfor %}"
    )]
    [InlineData("{% if trigger.size > 0 %}{{ trigger.branch }}{% else %}main{% endif %}")]
    [InlineData("{% raw %}{{ nosuch }}{% endraw %}")]
    [InlineData("{{ trigger.branch | default: params.day }} {{ tasks.a.output.q | default: ds }}")]
    [InlineData(
        "{{ trigger.event }} {{ trigger.repository }} {{ trigger.branch }} {{ trigger.sha }} {{ trigger.sender }}",
        "on: { push: { repositories: [acme/*] } }"
    )]
    public void A_template_may_name_what_its_run_has_when_the_task_starts(string template, string starts = "") =>
        Assert.Empty(DagFile.Read(WithTemplate(template, starts)).Mistakes);

    [Fact]
    public void Tasks_before_a_task_are_also_those_its_needs_need() =>
        Assert.Empty(
            DagFile
                .Read(
                    "dag: d\ntasks:\n  a: { noop: true }\n  b: { needs: [a], noop: true }\n  my-c: { needs: [b], noop: true, env: { X: '{{ tasks.a.output.q }}' } }\n  d: { needs: my-c, noop: true, env: { X: '{{ tasks.my-c.output.q }}' } }"
                )
                .Mistakes
        );

    [Fact]
    public void A_mistake_in_the_defaults_environment_is_reported_there_and_once()
    {
        var mistakes = DagFile
            .Read(
                "dag: d\ndefaults:\n  env: { X: '{{ nosuch }}', Y: '{{ nosuch }}' }\ntasks:\n  a: { noop: true, env: { Y: '' } }\n  b: { noop: true, env: { Y: '' } }"
            )
            .Mistakes;
        Assert.Equal(3, Assert.Single(mistakes).Line);
    }

    [Fact]
    public void All_mistakes_are_reported_at_once() =>
        Assert.Equal(
            [2, 4, 5],
            DagFile
                .Read("dag: a\nschedule: never\ntasks:\n  x: { run: ls, retries: lots }\n  y: { rum: ls }")
                .Mistakes.Select(x => x.Line)
                .Distinct()
        );

    [Theory]
    [InlineData("{{ ds }} {{ logical_date }} {{ data_interval_start }} {{ data_interval_end }} {{ run_id }}", "")]
    [InlineData(
        "{{ trigger.event }} {{ trigger.repository }} {{ trigger.branch }} {{ trigger.sha }} {{ trigger.sender }}",
        "on: { push: { repositories: [acme/*] } }"
    )]
    [InlineData("words", "schedule: '@daily'")]
    public void A_default_may_use_what_every_run_of_the_DAG_has(string template, string starts) =>
        Assert.Equal(
            template,
            Plans.Dag($"dag: a\n{starts}\nparams: {{ p: '{template}' }}\ntasks:\n  x: {{ noop: true }}").Params["p"]
        );

    [Fact]
    public void The_same_content_is_the_same_version_however_it_is_written()
    {
        var a = Plans.Dag("dag: a\nschedule: '@hourly'\ntasks:\n  x:\n    run: ls\n    env: { B: '2', A: '1' }");
        var b = Plans.Dag(
            "# a comment\ntasks:\n  x: { env: { A: '1', B: '2' }, run: ls }\nschedule: '0 * * * *'\ndag: a"
        );
        var c = Plans.Dag("dag: a\nschedule: '@hourly'\ntasks:\n  x: { run: ls -l, env: { A: '1', B: '2' } }");
        Assert.Equal(a.Version(), b.Version());
        Assert.NotEqual(a.Version(), c.Version());
    }

    [Fact]
    public void Tasks_stand_in_topological_order_and_take_the_defaults()
    {
        var dag = Plans.Dag(
            "dag: a\ndefaults: { retries: 2, memory: 1GiB, env: { A: '1' } }\ntasks:\n  c: { needs: [b], run: ls, retries: 0 }\n  b: { needs: a, run: ls }\n  a: { run: ls, env: { B: '2' } }"
        );
        Assert.Equal(["a", "b", "c"], dag.Tasks.Select(x => x.TaskId));
        Assert.Equal([2, 2, 0], dag.Tasks.Select(x => x.Retries));
        Assert.All(dag.Tasks, x => Assert.Equal(1024, x.MemoryMiB));
        Assert.Equal(["A", "B"], dag.Tasks[0].Env.Keys);
    }
}
