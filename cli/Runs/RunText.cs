using System.Globalization;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary>Runs for people.</summary>
public static class RunText
{
    public static string Of(JsonElement run, JsonElement tasks, DateTimeOffset now) =>
        Columns.Pairs(
            ("Run", run.Text("dag_run_id")),
            ("DAG", run.Text("dag_id")),
            ("State", run.Text("state")),
            ("Type", run.Text("run_type")),
            ("Cause", run.Text("triggered_by")),
            ("Logical date", run.LocalTime("logical_date")),
            ("Queued", run.LocalTime("queued_at")),
            ("Not before", run.Text("state") is "queued" ? run.LocalTime("run_after") : ""),
            ("Note", run.Text("note")),
            ("Ended", run.LocalTime("end_date")),
            ("Took", Took(run, now)),
            ("Ended by", run.Text("ended_by")),
            ("Note", run.Text("note")),
            (
                "Params",
                run.At("conf") is { ValueKind: JsonValueKind.Object } conf && conf.EnumerateObject().Any()
                    ? conf.Compact()
                    : ""
            )
        )
        + "\n"
        + Columns.Of(
            ["task", "state", "try", "started", "took", "outputs or reason"],
            tasks
                .Items("task_instances")
                .Select(t =>
                    new[]
                    {
                        TaskName.WithIndexName(t),
                        t.Text("state"),
                        $"{t.Text("try_number")} of {t.Text("max_tries")}",
                        t.LocalTime("start_date", "HH:mm:ss"),
                        Took(t, now),
                        t.Text("failure") is { Length: > 0 } failure ? Terminal.Safe(failure)
                        : t.Text("skip_reason") is { Length: > 0 } skip ? Terminal.Safe(skip)
                        : Outputs(t.At("outputs"), t.At("stored_outputs")),
                    }
                )
        );

    /// <summary>From start to end, or to now; empty when it has not started.</summary>
    public static string Took(JsonElement x, DateTimeOffset now) =>
        At(x, "start_date") is { } start ? Words((At(x, "end_date") ?? now) - start) : "";

    /// <summary>A duration in at most two units.</summary>
    public static string Words(TimeSpan span) =>
        span switch
        {
            { TotalSeconds: < 10 } => string.Create(
                CultureInfo.InvariantCulture,
                $"{Math.Max(0, span.TotalSeconds):0.0} s"
            ),
            { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalSeconds} s"),
            { TotalHours: < 1 } => $"{span.Minutes} min {span.Seconds} s",
            _ => $"{(int)span.TotalHours} h {span.Minutes} min",
        };

    static DateTimeOffset? At(JsonElement x, string name) =>
        DateTimeOffset.TryParse(x.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : null;

    /// <summary>The beginnings of a task's outputs, and the lengths of those that are stored beside the run's
    /// stream; empty when there are none.</summary>
    public static string Outputs(JsonElement inline, JsonElement stored) =>
        string.Join(
            ", ",
            Members(inline)
                .Select(x => $"{x.Name}={Terminal.Excerpt(x.Value.ToString(), 40)}")
                .Concat(Members(stored).Select(x => $"{x.Name}=({x.Value.Text("bytes")} bytes)"))
        );

    static IEnumerable<JsonProperty> Members(JsonElement x) =>
        x.ValueKind is JsonValueKind.Object ? x.EnumerateObject() : [];
}
