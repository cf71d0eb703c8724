using System.Text.Json;
using Nightshift.Timetables;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary>
/// <c>{"kind": "next_dagrun_info", "timetable": {"type": …}, "restriction": …, "expected": …}</c>
/// </summary>
public sealed class TimetableVectors : IVectorKind
{
    const string Plugin = "a timetable that is a Python class of a plugin";
    const string Restriction = "start and end of single tasks, which a DAG file does not have";

    public bool Reads(Vector vector) =>
        vector.Text("kind")
            is "next_dagrun_info"
                or "infer_manual_data_interval"
                or "iter_dagrun_infos_between"
                or "validate"
                or "time_restriction";

    public VectorResult Run(Vector vector)
    {
        if (vector.Find("timetable") is not { } data)
            return VectorResult.Skipped(Restriction);
        if (vector.Text("kind") is "validate")
            return VectorResult.Compare(vector.Find("expected_valid")!.Value.GetBoolean(), IsValid(data));
        if (TimetableReader.Read(data) is not { } timetable)
            return VectorResult.Skipped(Plugin);
        return vector.Text("kind") switch
        {
            "next_dagrun_info" => Next(vector, timetable),
            "infer_manual_data_interval" => Manual(vector, timetable),
            _ => Between(vector, timetable),
        };
    }

    static VectorResult Next(Vector vector, Timetable timetable)
    {
        var restriction = vector.Find("restriction")!.Value;
        var run = timetable.Next(
            vector.Find("last_automated_data_interval") is { } last ? Interval(last) : null,
            new(
                Time(restriction, "earliest"),
                Time(restriction, "latest"),
                restriction.GetProperty("catchup").GetBoolean()
            ),
            vector.Find("now")?.GetDateTimeOffset() ?? DateTimeOffset.UnixEpoch
        );
        return Compare(vector.Find("expected"), run);
    }

    static VectorResult Manual(Vector vector, Timetable timetable) =>
        VectorResult.Compare(
            Interval(vector.Find("expected")!.Value),
            timetable.OfManualRun(vector.Find("run_after")!.Value.GetDateTimeOffset())
        );

    // The runs whose logical dates lie in a range, both ends included.
    static VectorResult Between(Vector vector, Timetable timetable)
    {
        var range = vector.Find("range")!.Value;
        var (from, to) = (Time(range, "earliest")!.Value, Time(range, "latest")!.Value);
        var restriction = new TimeRestriction(Later(from, Time(vector.Data, "dag_start_date")), to, Catchup: true);
        var runs = new List<PlannedRun>();
        for (
            var run = timetable.Next(null, restriction, to);
            run is not null;
            run = timetable.Next(run.Interval, restriction, to)
        )
            runs.Add(run);
        var expected = vector.Find("expected")!.Value.EnumerateArray().Select(x => Shown(x, Run(x)));
        return VectorResult.Compare(
            string.Join(' ', expected),
            string.Join(' ', runs.Select(x => $"{x.RunAfter:u} {x.Interval}"))
        );
    }

    static string Shown(JsonElement expected, PlannedRun run) => $"{run.RunAfter:u} {run.Interval}";

    static PlannedRun Run(JsonElement run) =>
        new(Interval(run.GetProperty("data_interval")), run.GetProperty("run_after").GetDateTimeOffset());

    // What the vector says nothing about may be anything.
    static VectorResult Compare(JsonElement? expected, PlannedRun? run)
    {
        if (expected is not { } wanted || run is null)
            return VectorResult.Compare(expected, run);
        var interval = wanted.TryGetProperty("data_interval", out var x) ? x : (JsonElement?)null;
        (string, DateTimeOffset?, DateTimeOffset)[] facts =
        [
            ("run_after", Time(wanted, "run_after"), run.RunAfter),
            ("logical_date", Time(wanted, "logical_date"), run.Interval.Start),
            ("start", interval is { } a ? Time(a, "start") : null, run.Interval.Start),
            ("end", interval is { } b ? Time(b, "end") : null, run.Interval.End),
        ];
        var known = facts.Where(y => y.Item2 is not null).ToList();
        return VectorResult.Compare(
            string.Join(' ', known.Select(y => $"{y.Item1} {y.Item2:O}")),
            string.Join(' ', known.Select(y => $"{y.Item1} {y.Item3.ToUniversalTime():O}"))
        );
    }

    static bool IsValid(JsonElement timetable)
    {
        try
        {
            return TimetableReader.Read(timetable) is not null;
        }
        catch (Exception e) when (e is CronFormatException or ArgumentException)
        {
            return false;
        }
    }

    static DataInterval Interval(JsonElement interval) =>
        new(interval.GetProperty("start").GetDateTimeOffset(), interval.GetProperty("end").GetDateTimeOffset());

    static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset? b) => b > a ? b.Value : a;

    static DateTimeOffset? Time(JsonElement data, string name) =>
        data.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetDateTimeOffset()
            : null;
}
