using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Backfills;

/// <summary>Backfills for people.</summary>
public static class BackfillText
{
    public static string List(IEnumerable<JsonElement> backfills) =>
        Columns.Of(
            ["id", "state", "dag", "from", "to", "done", "failed", "created"],
            backfills.Select(x =>
                new[]
                {
                    x.Text("id"),
                    x.Text("state"),
                    x.Text("dag_id"),
                    x.LocalTime("from_date"),
                    x.LocalTime("to_date"),
                    $"{Done(x)} of {x.Text("total_dates")}",
                    x.Text("failed_runs"),
                    x.LocalTime("created_at"),
                }
            )
        );

    public static string Of(JsonElement x) =>
        Columns.Pairs(
            ("Backfill", x.Text("id")),
            ("DAG", x.Text("dag_id")),
            ("State", x.Text("state")),
            ("From", x.LocalTime("from_date")),
            ("To", x.LocalTime("to_date")),
            ("Order", x.Text("run_backwards") is "true" ? "the latest first" : "the earliest first"),
            ("Reprocess", x.Text("reprocess_behavior")),
            ("Active runs", $"at most {x.Text("max_active_runs")}"),
            ("Dates", x.Text("total_dates")),
            (
                "Runs",
                $"{x.Text("requested_runs")}: {x.Text("succeeded_runs")} succeeded, {x.Text("failed_runs")} failed"
            ),
            ("Left out", x.Text("skipped_dates")),
            (
                "Params",
                x.At("dag_run_conf") is { ValueKind: JsonValueKind.Object } conf && conf.EnumerateObject().Any()
                    ? conf.Compact()
                    : ""
            ),
            ("Cause", x.Text("triggered_by")),
            ("Created", x.LocalTime("created_at")),
            ("Ended", x.LocalTime("completed_at"))
        );

    /// <summary>One line.</summary>
    public static string State(JsonElement x) =>
        Terminal.Safe(
            $"Backfill {x.Text("id")} of {x.Text("dag_id")} is {x.Text("state")}: {Done(x)} of {x.Text("total_dates")} "
                + "dates done."
        );

    public static string DryRun(JsonElement x)
    {
        var lines = x.Items("backfills").Select(y => $"{y.LocalTime("logical_date")}  run");
        var skipped = x.Items("skipped").Select(y => $"{y.LocalTime("logical_date")}  left out: {y.Text("reason")}");
        return string.Join(
            '\n',
            lines
                .Concat(skipped)
                .Select(Terminal.Safe)
                .Append(
                    $"{x.Text("total_entries")} runs, {x.Items("skipped").Count()} dates left out. Nothing was done."
                )
        );
    }

    static int Done(JsonElement x) => Count(x, "skipped_dates") + Count(x, "succeeded_runs") + Count(x, "failed_runs");

    static int Count(JsonElement x, string name) =>
        x.At(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : 0;
}
