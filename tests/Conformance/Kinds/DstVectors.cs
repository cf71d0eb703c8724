using Nightshift.Timetables;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary>
/// <c>{"timetable": "CronTriggerTimetable", "cron": …, "timezone": …, "start_date": …, "expected_runs_utc": […]}</c>:
/// the runs around a change of the clock.
/// </summary>
public sealed class DstVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Find("expected_runs_utc") is not null;

    public VectorResult Run(Vector vector)
    {
        var expected = vector
            .Find("expected_runs_utc")!
            .Value.EnumerateArray()
            .Select(x => x.GetDateTimeOffset())
            .ToList();
        var ticks = new CronTicks(
            CronExpression.Parse(vector.Text("cron")!),
            TimeZones.Find(vector.Text("timezone")!)!
        );
        var timetable = new TriggerTimetable(ticks, Delta.Zero, new(Always: false, Within: null));
        var start = vector.Find("start_date")!.Value.GetDateTimeOffset();
        var restriction = new TimeRestriction(start, null, vector.Find("catchup")?.GetBoolean() ?? true);
        var runs = new List<DateTimeOffset>();
        PlannedRun? run = null;
        while (runs.Count < expected.Count && (run = timetable.Next(run?.Interval, restriction, start)) is not null)
            runs.Add(run.RunAfter);
        return VectorResult.Compare(Shown(expected), Shown(runs));
    }

    static string Shown(IEnumerable<DateTimeOffset> runs) =>
        string.Join(' ', runs.Select(x => $"{x:yyyy-MM-ddTHH:mmZ}"));
}
