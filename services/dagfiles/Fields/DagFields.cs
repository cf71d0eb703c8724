using System.Text.Json.Nodes;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>The fields of a DAG file itself.</summary>
static class DagFields
{
    /// <summary>The fields.</summary>
    public static FieldTable<DagDraft> Table { get; } =
        new FieldTable<DagDraft>()
            .Add(
                "dag",
                Shapes.DagName,
                (dag, x) => dag with { DagId = x },
                "The DAG's name, unique among the files. Required. At most 100 characters, without `_` at either end "
                    + "or twice in a row.",
                "nightly_report"
            )
            .Add(
                "schedule",
                ScheduleShape(),
                (dag, x) => dag with { Schedule = x.Written },
                "When the DAG runs by itself. A mapping says more than a cron expression, see [schedule](#schedule) "
                    + "and [schedules](schedules.md). Without it, or with `none`, only pushes and people start it.",
                "\"0 9 * * 1-5\"",
                "none"
            )
            .Add(
                "timezone",
                CronShapes.Timezone,
                (dag, x) => dag with { Timezone = x },
                "The time zone whose clock the schedule means.",
                "Europe/Berlin",
                "UTC"
            )
            .Add(
                "catchup",
                Shapes.Flag,
                (dag, x) => dag with { Catchup = x },
                "After an outage, whether every missed tick is run, or only the latest.",
                "true",
                "false"
            )
            .Add(
                "on",
                Shapes.Mapping(PushFields.On, new PushFields.Triggers(null), "a mapping", mayBeNull: true),
                (dag, x) => dag with { Push = x.Push },
                "What else starts the DAG: `push`, see [on.push](#onpush).",
                "{ push: { repositories: [acme/site] } }"
            )
            .Add(
                "dagrun_timeout",
                Shapes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(366)),
                (dag, x) => dag with { DagRunTimeout = x },
                "How long a run may take from when it was queued. Then it has failed, and what has not ended is "
                    + "skipped.",
                "2h"
            )
            .Add(
                "fail_fast",
                Shapes.Flag,
                (dag, x) => dag with { FailFast = x },
                "The first task that fails for good ends the run: other tasks are stopped or skipped, except "
                    + "teardowns.",
                "true",
                "false"
            )
            .Add(
                "requires",
                RequirementFields.List,
                (dag, x) => dag with { Requires = x },
                "Other DAGs whose latest run must have succeeded before a run of this one starts, see "
                    + "[requires](#requires). Until then it is queued, and ticks wait. Backfills do not wait.",
                "[health_check]"
            )
            .Add(
                "max_active_runs",
                Shapes.Whole(1, 10_000),
                (dag, x) => dag with { MaxActiveRuns = x },
                "Runs that may be under way at the same time, those of backfills not counted. Further runs are queued, "
                    + "and ticks wait. Any number when not given.",
                "1"
            )
            .Add(
                "max_consecutive_failed_dag_runs",
                Shapes.Whole(1, 1_000),
                (dag, x) => dag with { MaxConsecutiveFailedDagRuns = x },
                "Runs that fail one after the other before the DAG pauses itself. Never when not given.",
                "3"
            )
            .Add(
                "max_active_tasks",
                Shapes.Whole(1, LimitFields.Most),
                (dag, x) => dag with { MaxActiveTasks = x },
                "Tasks of one run that may be queued or running at a time. Any number when not given.",
                "16"
            )
            .Add(
                "params",
                Shapes.Section(
                    "a mapping of names to values or mappings",
                    JsonSchemas.Mapping(DagNames.Pattern, ParamFields.Schema, mayBeNull: true)
                ),
                (dag, x) => dag with { Params = x },
                "Parameters of a run with their defaults, which may be Liquid templates over the run's dates. "
                    + "Templates name them `params.NAME`. A mapping says more than a default, see "
                    + "[a parameter](#a-parameter).",
                "{ day: \"{{ ds }}\", limit: { schema: { type: integer, minimum: 1 }, default: 100 } }"
            )
            .Add(
                "defaults",
                Shapes.Mapping(TaskFields.Shared, TaskSpec.BuiltIn, "a mapping", mayBeNull: true),
                (dag, x) => dag with { Defaults = x },
                "Fields that every task has unless it says otherwise; which ones, says the table of [a task](#a-task).",
                "{ retries: 2, timeout: 10m }"
            )
            .Add(
                "tasks",
                Shapes.Section(
                    "a mapping of names to tasks and groups",
                    new JsonObject { ["$ref"] = GroupFields.TasksReference }
                ),
                (dag, x) => dag with { Tasks = x },
                "The tasks by their names, at least one, see [a task](#a-task), and groups of them, see "
                    + "[a group](#a-group). Required. A name has at most 100 letters, digits, `_` and `-`.",
                "{ hello: { run: echo hello } }"
            );

    /// <summary>The whole file as JSON Schema.</summary>
    public static JsonObject Schema() =>
        Table
            .Schema()
            .With("required", new JsonArray("dag", "tasks"))
            .With("$defs", new JsonObject { ["tasks"] = TasksSchema() });

    // An entry that has tasks is a group; editors say what is wrong with the one or the other.
    static JsonObject TasksSchema() =>
        JsonSchemas
            .Mapping(
                DagNames.Pattern,
                new JsonObject
                {
                    ["if"] = JsonSchemas.Type("object").With("required", new JsonArray("tasks")),
                    ["then"] = GroupFields.Table.Schema(),
                    ["else"] = TaskFields.Table.Schema().With("oneOf", JsonSchemas.ExactlyOneKey(TaskFields.Ways)),
                },
                mayBeNull: false
            )
            .With("minProperties", 1);

    static Shape<ScheduleField> ScheduleShape() =>
        Shape.Of(
            $"{CronShapes.Crons.Type}, a mapping, or `none`",
            JsonSchemas.AnyOf(
                CronShapes.Crons.Schema,
                JsonSchemas.OneOf(["none", ""]),
                JsonSchemas.Type("null"),
                ScheduleFields.Table.Schema().With("oneOf", JsonSchemas.ExactlyOneKey(ScheduleFields.Kinds))
            ),
            ReadSchedule
        );

    static ScheduleField? ReadSchedule(YamlReader reader, YamlNode node, string what)
    {
        if (YamlReader.IsNull(node) || node is YamlScalar { Text: "" or "none" })
            return new(null);
        if (node is YamlMapping)
            return new(ScheduleFields.Table.Read(reader, node, what, "schedule.", new()));
        return CronShapes.Crons.Read(reader, node, what, out var crons)
            ? new(new(new() { Crons = crons }, node, new Dictionary<string, YamlNode>()))
            : null;
    }

    sealed record ScheduleField(Written<ScheduleDraft>? Written);
}
