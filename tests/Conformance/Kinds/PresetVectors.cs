using Nightshift.Timetables;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary><c>{"kind": "schedule_preset", "schedule": "@daily", "expected_cron": "0 0 * * *"}</c></summary>
public sealed class PresetVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Text("kind") is "schedule_preset";

    public VectorResult Run(Vector vector)
    {
        var (schedule, expected) = (vector.Text("schedule"), vector.Text("expected_cron"));
        if (schedule is null || expected is null || expected.StartsWith('('))
            return VectorResult.Skipped("no cron expression is expected");
        CronExpression.Parse(expected);
        return VectorResult.Compare(expected, CronPresets.Expand(schedule));
    }
}
