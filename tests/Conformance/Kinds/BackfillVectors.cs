using System.Globalization;
using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Backfills;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary>Which dates a backfill runs, in which order, and which it leaves out.</summary>
public sealed class BackfillVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Text("kind") is "backfill_reprocess" or "backfill_order";

    public VectorResult Run(Vector vector)
    {
        var existing = Existing(vector);
        var dates = BackfillRequests.Dates(vector, dependsOnPast: false);
        var events = BackfillDecider.Decide(
            Backfill.Evolve(Backfill.None, dates),
            new AdvanceBackfill(new Dictionary<RunId, RunOutcome>(), dates.Dates.Count, existing, dates.At)
        );
        var requested = events.OfType<BackfillRunRequested>().Select(x => Day(x.LogicalDate)).ToList();
        var skipped = events
            .OfType<BackfillDateSkipped>()
            .Select(x =>
                $"{Day(x.LogicalDate)} {(x.Reason is DateSkipReason.InFlight ? "in flight" : "already exists")}"
            );
        return vector.Find("expected_logical_dates") is { } order
            ? VectorResult.Compare(Written(order.EnumerateArray().Select(x => x.GetString()!)), Written(requested))
            : VectorResult.Compare(
                $"{vector.Find("expected_runs_in_backfill")} {Written(Exceptions(vector))}",
                $"{requested.Count} {Written(skipped)}"
            );
    }

    static Dictionary<DateTimeOffset, LatestRun> Existing(Vector vector)
    {
        var states =
            vector.Find("existing_runs")?.EnumerateObject().Select(x => (Date: x.Name, State: x.Value.GetString()))
            ?? vector
                .Find("existing_inflight")!
                .Value.EnumerateArray()
                .Select(x => (Date: x.GetString()!, State: (string?)"running"));
        return states.ToDictionary(
            x => BackfillRequests.At(x.Date),
            x => new LatestRun(
                new($"scheduled__d__{x.Date}"),
                x.State switch
                {
                    "success" => RunOutcome.Succeeded,
                    "failed" => RunOutcome.Failed,
                    _ => null,
                }
            )
        );
    }

    static IEnumerable<string> Exceptions(Vector vector) =>
        vector.Find("expected_exceptions")!.Value.EnumerateObject().Select(x => $"{x.Name} {x.Value.GetString()}");

    static string Day(DateTimeOffset date) => date.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    static string Written(IEnumerable<string> texts) => string.Join(", ", texts);
}

/// <summary>Which backfills are refused.</summary>
public sealed class BackfillRefusalVectors : IVectorKind
{
    public bool Reads(Vector vector) =>
        vector.Text("kind") is "backfill_reverse_depends_on_past" or "backfill_single_active";

    public VectorResult Run(Vector vector)
    {
        var isError = vector.Text("expected")!.StartsWith("error", StringComparison.Ordinal);
        return VectorResult.Compare(isError ? "refused" : "created", Answer(vector));
    }

    static string Answer(Vector vector)
    {
        try
        {
            BackfillRequests.Dates(
                vector,
                vector.Find("depends_on_past")?.GetBoolean() is true,
                vector.Text("kind") is "backfill_single_active" ? 1 : null
            );
            return "created";
        }
        catch (RejectedException)
        {
            return "refused";
        }
    }
}

/// <summary>Asks for the backfills of vectors.</summary>
static class BackfillRequests
{
    public static BackfillCreated Dates(Vector vector, bool dependsOnPast, long? active = null)
    {
        var dag = DagFile
            .Read(
                $"dag: d\nschedule: '{vector.Text("schedule") ?? "@daily"}'\n"
                    + $"tasks: {{ a: {{ noop: true, depends_on_past: {(dependsOnPast ? "true" : "false")} }} }}"
            )
            .Spec!;
        var (from, to) = (At(vector.Text("from_date") ?? "2021-01-01"), At(vector.Text("to_date") ?? "2021-01-05"));
        var range = new BackfillRange(
            from,
            to,
            vector.Find("reverse")?.GetBoolean() is true,
            Enum.Parse<ReprocessBehavior>(vector.Text("reprocess_behavior") ?? "none", ignoreCase: true),
            MaxActiveRuns: 1000
        );
        var create = new CreateBackfill(
            2,
            dag,
            range,
            new Dictionary<string, JsonElement>(),
            "vector",
            active,
            to.AddYears(1)
        );
        return (BackfillCreated)BackfillDecider.Decide(Backfill.None, create).Single();
    }

    public static DateTimeOffset At(string date) =>
        DateTimeOffset.Parse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}

/// <summary>What only a running scheduler shows, or Airflow alone has.</summary>
public sealed class OtherRunVectors : IVectorKind
{
    public bool Reads(Vector vector) =>
        vector.Text("kind") is "backfill_bundle_version" or "max_active_runs" or "run_id_allowed";

    public VectorResult Run(Vector vector) =>
        VectorResult.Skipped(
            vector.Text("kind") switch
            {
                "run_id_allowed" => "a request gives a key, and the scheduler makes the run's id of it",
                _ => "said in words; the scheduler's own tests show it",
            }
        );
}
