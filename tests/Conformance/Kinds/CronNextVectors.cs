using System.Globalization;
using Nightshift.Timetables;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary>
/// <c>{"direction": "next", "expression": …, "after": …, "expected": […]}</c>: ticks on a wall clock.
/// </summary>
public sealed class CronNextVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Text("direction") is not null && vector.Text("expression") is not null;

    public VectorResult Run(Vector vector)
    {
        if (vector.Text("timezone") is not null)
            return VectorResult.Skipped("croniter's own way around clock changes, which Airflow does not take");
        if (vector.Find("airflow_relevant")?.GetBoolean() is false || vector.Find("options") is not null)
            return VectorResult.Skipped("an option of croniter that Airflow never sets");
        var expected = vector.Find("expected")?.EnumerateArray().Select(x => x.GetDateTime()).ToList();
        var (cron, next) = (CronExpression.Parse(vector.Text("expression")!), vector.Text("direction") is "next");
        var ticks = new List<DateTime?>();
        DateTime? at = DateTime.Parse(vector.Text("after")!, CultureInfo.InvariantCulture);
        for (var n = expected?.Count ?? 1; n > 0 && at is { } from; n--)
            ticks.Add(at = next ? cron.Next(from) : cron.Previous(from));
        return VectorResult.Compare(
            expected is null ? "none" : string.Join(' ', expected.Select(x => $"{x:s}")),
            string.Join(' ', ticks.Select(x => x is null ? "none" : $"{x:s}"))
        );
    }
}
