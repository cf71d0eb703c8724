using System.Text.Json.Nodes;
using Nightshift.Cli.Dags.Import;
using Nightshift.Cli.Dags.Import.Airflow;
using Nightshift.Cli.Infrastructure;
using Nightshift.DagFiles;
using static Nightshift.Cli.Tests.Dags.Import.AirflowSamples;

namespace Nightshift.Cli.Tests.Dags.Import;

public sealed class AirflowImportTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    static ImportResult Import(params string[] files) =>
        AirflowImport.Of([.. files.Select((x, i) => ($"file{i}.json", x))], image: null, Now);

    [Fact]
    public void A_serialised_DAG_becomes_a_DAG_file()
    {
        var dag = Assert.Single(Import(Serialized).Dags);
        Assert.Equal(
            """
            dag: etl-daily
            schedule: {cron: "0 2 * * *", interval: true}
            timezone: Europe/Berlin
            dagrun_timeout: 2h
            max_active_runs: 1
            params:
              table:
                schema: {type: "string"}
                default: orders
              limit: 10
            defaults:
              retries: 2
              retry_delay: 2m
            tasks:
              extract:
                command: [bash, -c, 'extract --day ''''"${DS}"'''' --table ${PARAMS_TABLE}']
                skip_on_exit_code: 99
                env:
                  STAMP: "{{ logical_date | date: '%Y%m%dT%H%M%S' }}"
                  DS: "{{ ds }}"
                  PARAMS_TABLE: "{{ params.table }}"
                retry_exponential_backoff: 2.0
                max_retry_delay: 1h
                pool: database
                timeout: 15m
              group:
                tooltip: Loads
                tasks:
                  load:
                    needs: [extract]
                    image: "acme/loader:2"
                    run: 'exec ''load'' ''--from'' ''a b'' "${DS}"'
                    env:
                      MODE: full
                      DS: "{{ ds }}"
                    timeout: 7d
              notify:
                needs: [extract]
                run: |-
                  echo 'Not carried over: PythonOperator: The operator has no counterpart' >&2
                  exit 69
                timeout: 7d
              done:
                needs: [group.load, notify]
                trigger_rule: all_done
                noop: true

            """,
            string.Join('\n', dag.Content!.Split('\n').SkipWhile(x => x.StartsWith('#')))
        );
        Assert.Equal(4, dag.Spec().Tasks.Count);
        Assert.Contains("\n# Loads what came in: daily\n# # Loader\n", dag.Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "type": "integer", "minimum": 1 }""", "3", null)]
    [InlineData(
        """{ "type": ["null", "array"], "items": { "__type": "dict", "__var": { "type": "string" } } }""",
        """["a{{b"]""",
        null
    )]
    [InlineData("""{ "enum": ["dev", "prod"], "values_display": { "dev": "Dev" } }""", "\"prod\"", null)]
    [InlineData("{}", """{ "a": { "b": [1, null, true, "x: y"] } }""", null)]
    [InlineData("""{ "type": "integer", "minimum": 5 }""", "3", "The default does not fit it: 3 should be at least 5")]
    [InlineData("""{ "pattern": "(?=a)" }""", "\"a\"", "looks ahead")]
    public void A_param_keeps_its_schema(string schema, string value, string? lost)
    {
        var param = $$"""{ "value": {{value}}, "schema": {{schema}}, "description": "What for." }""";
        var dag = Import(
            Details.Replace("""{ "value": 5, "schema": {}, "description": null }""", param, StringComparison.Ordinal),
            Tasks
        ).Dags[0];
        var spec = dag.Spec();
        Assert.Equal(lost is null, spec.TypedParams is not null);
        if (lost is not null)
            Assert.Contains(
                dag.LeftOut,
                x => x.Field == "params.rows.schema" && x.Text.Contains(lost, StringComparison.Ordinal)
            );
        else if (!value.Contains("{{", StringComparison.Ordinal))
            Assert.True(
                JsonNode.DeepEquals(
                    JsonNode.Parse(value),
                    JsonNode.Parse(spec.TypedParams!["rows"].Default!.Value.GetRawText())
                )
            );
    }

    [Fact]
    public void What_is_left_out_is_named_with_its_place()
    {
        var left = Import(Serialized).Dags[0].LeftOut.Select(x => (x.Where, x.Field)).ToList();
        Assert.Equal(
            [
                ("file0.json $.dag.tasks[2]", "PythonOperator"),
                ("file0.json $.dag.has_on_failure_callback", "has_on_failure_callback"),
            ],
            left
        );
    }

    public static TheoryData<string[]> FormsOfTheApi =>
        new()
        {
            new[] { Details, Tasks },
            new[] { Tasks, Details },
            new[] { $$"""{ "dag": {{Details}}, "tasks": {{Tasks}} }""" },
            new[] { $$"""[{ "dag": {{Details}}, "tasks": {{JsonNode.Parse(Tasks)!["tasks"]!.ToJsonString()}} }]""" },
        };

    [Theory]
    [MemberData(nameof(FormsOfTheApi))]
    public void Answers_of_the_API_become_a_DAG_file_in_any_form(string[] files)
    {
        var result = Import(files);
        var dag = Assert.Single(result.Dags);
        var spec = dag.Spec();
        var query = spec.Tasks[0];
        Assert.Empty(result.LeftOut);
        Assert.Equal(["query", "send"], spec.Tasks.Select(x => x.TaskId));
        Assert.Equal((3, TimeSpan.FromSeconds(90), "reports"), (query.Retries, query.RetryDelay, query.Queue));
        Assert.Equal(["query"], spec.Tasks[1].Needs);
        Assert.Equal("noop", spec.Tasks[1].Kind);
        Assert.Equal(TimeSpan.FromMinutes(90), spec.DagRunTimeout);
        Assert.Equal("5", spec.Params["rows"]);
        Assert.Equal(5, query.PriorityWeight);
        Assert.Equal(["BashOperator"], dag.LeftOut.Select(x => x.Field));
        Assert.Contains(spec.Tasks, x => x is { DependsOnPast: true, WaitForDownstream: false });
    }

    // The next run of Airflow is the first here: what ran does not run again.
    [Fact]
    public void Catchup_goes_on_where_Airflow_stopped()
    {
        var schedule = Import(Details, Tasks).Dags[0].Spec().Schedule!;
        Assert.Equal(("0 6 * * *", true, true), (schedule.Cron, schedule.Catchup, schedule.Interval));
        Assert.Equal(new DateTimeOffset(2026, 2, 27, 6, 0, 0, TimeSpan.Zero), schedule.Start);
    }

    [Fact]
    public void The_command_comes_from_the_serialised_DAG_when_both_are_given()
    {
        var serialized = Serialized.Replace("etl.daily", "report", StringComparison.Ordinal);
        var dag = Assert.Single(Import(Details, serialized).Dags);
        Assert.Equal("report", dag.Spec().DagId);
        Assert.Contains(dag.Spec().Tasks, x => x.Command is ["bash", ..]);
    }

    [Fact]
    public async Task A_task_without_its_command_fails_and_says_why()
    {
        var task = Import(Details, Tasks).Dags[0].Spec().Tasks[0];
        Assert.Equal(
            "Not carried over: BashOperator: 'bash_command' is not in this JSON; the serialised DAG has it\nexit 69",
            await ImportedFile.Bash(task.Command, [])
        );
    }

    [Fact]
    public void Airflow_2_is_read_too()
    {
        var spec = Assert.Single(Import(OldSerialized).Dags).Spec();
        Assert.Equal(("0 0 * * *", true), (spec.Schedule!.Cron, spec.Schedule.Interval));
        Assert.Equal(["bash", "-c", "echo hello"], spec.Tasks[0].Command);
        Assert.Equal(TriggerRule.NoneFailedMinOneSuccess, spec.Tasks[1].Rule);
    }

    const string Null = "airflow.timetables.simple.NullTimetable";
    const string Cron = "airflow.timetables.trigger.CronTriggerTimetable";
    const string Delta = "airflow.timetables.trigger.DeltaTriggerTimetable";
    const string DeltaInterval = "airflow.timetables.interval.DeltaDataIntervalTimetable";

    [Theory]
    [InlineData(Null, "{}", null)]
    [InlineData("airflow.timetables.simple.OnceTimetable", "{}", "@once")]
    [InlineData("airflow.timetables.simple.ContinuousTimetable", "{}", "@continuous")]
    [InlineData(
        Cron,
        """{"expression": "0 2 * * *", "timezone": "UTC", "interval": 0.0, "run_immediately": false}""",
        "0 2 * * *"
    )]
    [InlineData(Cron, """{"expression": "0 2 * * *", "timezone": 7200, "interval": 0.0}""", "0 2 * * * Etc/GMT-2")]
    [InlineData(
        Cron,
        """{"expression": "0 2 * * *", "timezone": "UTC", "interval": 3600.0}""",
        "0 2 * * * covers 01:00:00"
    )]
    [InlineData(
        "airflow.timetables.trigger.MultipleCronTriggerTimetable",
        """{"expressions": ["0 2 * * *", "0 9 * * 1"], "timezone": "UTC", "interval": 0.0}""",
        "0 2 * * *, 0 9 * * 1"
    )]
    [InlineData(Delta, """{"delta": 900.0, "interval": 0.0}""", "every 15m")]
    [InlineData(DeltaInterval, """{"delta": 86400.0}""", "every 1d interval")]
    [InlineData(DeltaInterval, """{"delta": {"months": 1}}""", "every 1mo interval")]
    [InlineData(
        "airflow.timetables.events.EventsTimetable",
        """{"event_dates": ["2026-05-01T00:00:00+00:00"], "restrict_to_events": false}""",
        "1 instants"
    )]
    [InlineData(
        "airflow.timetables.assets.AssetOrTimeSchedule",
        """{"timetable": {"__type": "CronTriggerTimetable", "__var": {"expression": "0 2 * * *"}}}""",
        "0 2 * * *"
    )]
    public void A_timetable_becomes_a_schedule(string type, string value, string? summary)
    {
        var spec = Import(WithTimetable(type, value)).Dags[0].Spec();
        Assert.Equal(summary, spec.Schedule is { } x ? Summary(x) : null);
    }

    static string Summary(Schedule schedule) =>
        schedule.Summary()
        + (schedule.Timezone == "UTC" ? "" : $" {schedule.Timezone}")
        + (schedule.Interval ? " interval" : "")
        + (schedule.Covers is { } covers ? $" covers {covers}" : "");

    [Theory]
    [InlineData(Cron, """{"expression": "0 2 30 2 *", "timezone": "UTC"}""")]
    [InlineData(Cron, """{"expression": "often", "timezone": "UTC"}""")]
    [InlineData(Cron, """{"expression": 5, "timezone": "UTC"}""")]
    [InlineData(Cron, "{}")]
    [InlineData(Delta, """{"delta": 0.5}""")]
    [InlineData(Delta, """{"delta": {"months": 1, "days": 3}}""")]
    [InlineData(Delta, """{"delta": {"weekday": [4]}}""")]
    [InlineData(Delta, """{"delta": 1e300}""")]
    [InlineData("airflow.timetables.events.EventsTimetable", """{"event_dates": []}""")]
    [InlineData("airflow.timetables.simple.AssetTriggeredTimetable", "{}")]
    [InlineData("my.company.Timetable", "{}")]
    public void A_timetable_without_counterpart_is_left_out_and_the_DAG_has_no_schedule(string type, string value)
    {
        var dag = Import(WithTimetable(type, value)).Dags[0];
        Assert.Null(dag.Spec().Schedule);
        Assert.Contains("schedule", dag.LeftOut.Select(x => x.Field));
    }

    static string WithTimetable(string type, string value) =>
        Edited(dag =>
        {
            dag["timetable"] = new JsonObject { ["__type"] = type, ["__var"] = JsonNode.Parse(value) };
            dag["timezone"] = "UTC";
            if (!value.Contains("months", StringComparison.Ordinal))
                dag.Remove("start_date");
        });

    static string Edited(Action<JsonObject> edit)
    {
        var root = JsonNode.Parse(Serialized)!;
        edit(root["dag"]!.AsObject());
        return root.ToJsonString();
    }

    [Theory]
    [InlineData(false, 1767225600, null, false, false)] // a past start without catchup says nothing more
    [InlineData(true, 1767225600, null, false, true)] // every run since then would run again
    [InlineData(true, 1798761600, "2027-01-01", true, false)]
    [InlineData(false, 1798761600, "2027-01-01", false, false)]
    public void Nothing_that_ran_in_Airflow_runs_again(bool catchup, int start, string? from, bool catches, bool left)
    {
        var dag = Import(
            Edited(x =>
            {
                x["catchup"] = catchup;
                x["start_date"] = start;
            })
        ).Dags[0];
        var schedule = dag.Spec().Schedule!;
        Assert.Equal((from, catches), (schedule.Start?.ToString("yyyy-MM-dd"), schedule.Catchup));
        Assert.Equal(left, dag.LeftOut.Any(x => x.Field == "catchup"));
    }

    [Fact]
    public void A_paused_DAG_does_not_start_by_itself()
    {
        var paused = Details.Replace("\"is_paused\": false", "\"is_paused\": true", StringComparison.Ordinal);
        var dag = Import(paused, Tasks).Dags[0];
        Assert.Null(dag.Spec().Schedule);
        Assert.Contains("is_paused", dag.LeftOut.Select(x => x.Field));
        Assert.Contains("0 6 * * *", dag.Content, StringComparison.Ordinal);
    }

    static string WithTask(string task) =>
        Edited(dag =>
            dag["tasks"] = new JsonArray(new JsonObject { ["__type"] = "operator", ["__var"] = JsonNode.Parse(task) })
        );

    const string Bash = "\"task_id\": \"t\", \"task_type\": \"BashOperator\", \"bash_command\"";

    [Theory]
    [InlineData("{" + Bash + ": \"echo hi\"}", null)]
    [InlineData("{" + Bash + ": \"run.sh\"}", "file 'run.sh'")]
    [InlineData(
        "{" + Bash + ": \"Truncated. You can change this behaviour in [core]max_templated_field_length. 'x'... \"}",
        "cut it off"
    )]
    [InlineData("{" + Bash + ": \"{% if x %}y{% endif %}\"}", "statement 'if x'")]
    [InlineData("{" + Bash + ": \"x\", \"env\": {\"A\": \"{{ var.value.b_password }}\"}}", "secret:NAME")]
    [InlineData("{" + Bash + ": \"x\", \"env\": {\"A\": \"secret:key\"}}", "names a secret here")]
    [InlineData("{" + Bash + ": \"x\", \"env\": \"<XComArg>\"}", "made by Python")]
    [InlineData("{" + Bash + ": \"x\", \"_is_mapped\": true}", "Mapped")]
    [InlineData("{" + Bash + ": \"x\", \"cwd\": \"/srv\"}", null)]
    [InlineData("{\"task_id\": \"t\", \"task_type\": \"DockerOperator\", \"image\": \"a\"}", "command of the image")]
    [InlineData(
        "{\"task_id\": \"t\", \"task_type\": \"DockerOperator\", \"image\": \"a\", \"command\": \"['x']\"}",
        "list that Python"
    )]
    [InlineData(
        "{\"task_id\": \"t\", \"task_type\": \"DockerOperator\", \"image\": \"a\", \"command\": [\"x\", \"'y\"]}",
        null
    )]
    [InlineData(
        "{\"task_id\": \"t\", \"task_type\": \"KubernetesPodOperator\", \"image\": \"a\", \"cmds\": [\"sh\", \"-c\"], "
            + "\"arguments\": [\"x\"], \"env_vars\": [{\"name\": \"A\", \"value\": \"1\"}]}",
        null
    )]
    [InlineData("{\"task_id\": \"t\", \"task_type\": \"HttpSensor\"}", "no counterpart")]
    public void Work_is_carried_over_whole_or_the_task_fails(string task, string? why)
    {
        var dag = Import(WithTask(task)).Dags[0];
        var read = dag.Spec().Tasks[0];
        Assert.Equal(why is not null, read.Command[^1].Contains("exit 69", StringComparison.Ordinal));
        if (why is not null)
            Assert.Contains(dag.LeftOut, x => x.Text.Contains(why, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pool", "\"x\"")]
    [InlineData("pool_slots", "2")]
    [InlineData("priority_weight", "7.0")]
    [InlineData("weight_rule", "\"upstream\"")]
    [InlineData("max_active_tis_per_dag", "3")]
    [InlineData("max_active_tis_per_dagrun", "4")]
    public void Limits_of_a_task_are_carried_over(string field, string value)
    {
        var dag = Import(WithTask("{" + Bash + ": \"x\", \"" + field + "\": " + value + "}")).Dags[0];
        Assert.DoesNotContain(field, dag.LeftOut.Select(x => x.Field));
        Assert.Contains($"{field}: {value.Trim('"').Replace(".0", "")}\n", dag.Content, StringComparison.Ordinal);
        dag.Spec();
    }

    [Theory]
    [InlineData("pool", "\"no such name\"")]
    [InlineData("pool_slots", "0")]
    [InlineData("priority_weight", "1.5")]
    [InlineData("weight_rule", "\"my.Strategy\"")]
    [InlineData("max_active_tis_per_dag", "-3")]
    [InlineData("executor_config", "{\"a\": 1}")]
    [InlineData("outlets", "[{\"uri\": \"x\"}]")]
    [InlineData("email", "[\"a@example.com\"]")]
    [InlineData("has_on_retry_callback", "true")]
    [InlineData("trigger_rule", "\"sometimes\"")]
    [InlineData("retries", "1000")]
    [InlineData("execution_timeout", "1e7")]
    [InlineData("queue", "\"Big Queue\"")]
    [InlineData("downstream_task_ids", "[\"gone\"]")]
    [InlineData("start_date", "1")]
    [InlineData("something_new", "\"x\"")]
    public void A_field_of_a_task_without_counterpart_is_left_out(string field, string value)
    {
        var dag = Import(WithTask("{" + Bash + ": \"x\", \"" + field + "\": " + value + "}")).Dags[0];
        dag.Spec();
        Assert.Contains(field, dag.LeftOut.Select(x => x.Field));
    }

    [Fact]
    public void A_pulled_value_names_the_task_that_has_to_hand_it_on()
    {
        var json = Edited(dag =>
        {
            var next = dag["tasks"]![1]!["__var"]!;
            (next["task_type"], next["bash_command"]) = ("BashOperator", "echo {{ ti.xcom_pull(task_ids='extract') }}");
        });
        var dag = Import(json).Dags[0];
        Assert.Equal("{{ tasks.extract.output.return_value }}", dag.Spec().Tasks[1].Env["EXTRACT_OUTPUT_RETURN_VALUE"]);
        Assert.Contains(dag.LeftOut, x => x.Text.Contains("::output return_value=VALUE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"a\": 1}")]
    [InlineData("nonsense")]
    [InlineData("{\"total_entries\": 0, \"tasks\": []}")]
    public void Files_without_a_DAG_are_a_problem(string text) => Assert.Throws<ProblemException>(() => Import(text));

    [Fact]
    public void A_DAG_without_tasks_and_one_with_a_circle_are_not_written()
    {
        Assert.Null(Import(Details).Dags[0].Content);
        var circle = Edited(x => x["tasks"]![3]!["__var"]!["downstream_task_ids"] = new JsonArray("extract"));
        Assert.Null(Import(circle).Dags[0].Content);
    }

    static readonly string[] Hostile =
    [
        "",
        " ",
        "a: b # c",
        "x\ny: z\n- w",
        "'\"\\`$(x)",
        "\u0001\u001b[2J\r\t\u0085\u2028\u202e\uFEFF",
        "{{ ds }} {{{ {% {{ '",
        "{{ params.table }}{{ tasks.a.output.b }}{% raw %}",
        "secret:key",
        "*&!|>%@",
        "null",
        "123",
        "__a__",
        "é日本😀",
        new('x', 200_000),
    ];

    // Every text and number of a DAG in turn: whatever it is, there is no crash, and the file is one that is read.
    [Fact]
    public void Hostile_values_make_no_file_that_is_refused()
    {
        foreach (var sample in new[] { Serialized, OldSerialized, $$"""{ "dag": {{Details}}, "tasks": {{Tasks}} }""" })
            for (var place = 0; Replaced(sample, place, "") is not null; place++)
                foreach (var value in Hostile)
                    Check(Replaced(sample, place, value)!);
    }

    static void Check(string json)
    {
        try
        {
            foreach (var dag in Import(json).Dags.Where(x => x.Content is not null))
                dag.Spec();
        }
        catch (ProblemException) { } // there is no DAG in it
    }

    static string? Replaced(string json, int place, string value)
    {
        var root = JsonNode.Parse(json)!;
        var found = Leaves(root).ElementAtOrDefault(place);
        found?.ReplaceWith(value);
        return found is null ? null : root.ToJsonString();
    }

    static IEnumerable<JsonNode> Leaves(JsonNode node) =>
        node switch
        {
            JsonObject map => map.Select(x => x.Value).OfType<JsonNode>().ToList().SelectMany(Leaves),
            JsonArray list => list.OfType<JsonNode>().ToList().SelectMany(Leaves),
            _ => [node],
        };

    [Fact]
    public void Half_characters_and_NUL_are_replaced_and_named()
    {
        var result = Import(
            Serialized.Replace("orders", "a\\ud83d\\u0000b\\ud83d\\ude00\\\\ud800", StringComparison.Ordinal)
        );
        Assert.Equal("a\uFFFD\uFFFDb😀\\ud800", result.Dags[0].Spec().TypedParams!["table"].Default!.Value.GetString());
        Assert.Single(result.LeftOut);
    }
}
