using System.Globalization;
using System.Text.Json;
using Nightshift.Scheduler.Pools;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary>
/// <c>{"kind": "pool", "slots": 5, "tasks": [{"state": "running", "slots": 1}], "expected": {"open": 4, "running": 1,
/// "queued": 0, "occupied": 1}}</c>
/// </summary>
public sealed class PoolVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Text("kind") is "pool";

    public VectorResult Run(Vector vector)
    {
        if (vector.Find("slots") is not { } slots || vector.Find("expected") is not { } expected)
            return VectorResult.Skipped("no figures are expected");
        var tasks = vector.Find("tasks")?.EnumerateArray().Select(Read).ToList() ?? [];
        if (tasks.Any(x => x.State is null))
            return VectorResult.Skipped("no task is deferred here");
        var usage = PoolUsage.Of(tasks.Select(x => (x.State!.Value, x.Slots)));
        return VectorResult.Compare(
            string.Join(' ', expected.EnumerateObject().Select(x => $"{x.Name}={x.Value}")),
            string.Join(
                ' ',
                expected.EnumerateObject().Select(x => $"{x.Name}={Figure(x.Name, usage, slots.GetInt32())}")
            )
        );
    }

    static (SlotState? State, int Slots) Read(JsonElement task) =>
        (
            task.GetProperty("state").GetString() switch
            {
                "running" => SlotState.Running,
                "queued" => SlotState.Queued,
                "scheduled" => SlotState.Waiting,
                _ => null,
            },
            task.GetProperty("slots").GetInt32()
        );

    static string Figure(string name, PoolUsage usage, int slots) =>
        name switch
        {
            "open" => usage.OpenOf(slots) is SlotLedger.Unlimited ? "infinity" : Text(usage.OpenOf(slots)),
            "running" => Text(usage.Running),
            "queued" => Text(usage.Queued),
            "scheduled" => Text(usage.Scheduled),
            "occupied" => Text(usage.Occupied),
            _ => "unknown",
        };

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
