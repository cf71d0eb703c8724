using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Status;

namespace Nightshift.Executor;

/// <summary>The executor's line on the status page.</summary>
public sealed class ExecutorStatus(EngineGate gate, ProcessStart start, TimeProvider clock) : IStatusReport
{
    /// <summary>Reads what the gate knows; asks nobody, so looking changes nothing and waits for nothing.</summary>
    public Task<(string State, bool Ok)> Read(CancellationToken cancellationToken) =>
        Task.FromResult(
            gate.Problem is { } problem ? (problem, false) : ($"Running ({For(clock.GetUtcNow() - start.At)})", true)
        );

    /// <summary>A duration as a person says it.</summary>
    internal static string For(TimeSpan up) =>
        up switch
        {
            { TotalMinutes: < 1 } => Count((int)up.TotalSeconds, "second"),
            { TotalHours: < 1 } => Count((int)up.TotalMinutes, "minute"),
            { TotalDays: < 2 } => Count((int)up.TotalHours, "hour"),
            _ => Count((int)up.TotalDays, "day"),
        };

    static string Count(int n, string unit) => n == 1 ? $"1 {unit}" : $"{n} {unit}s";
}
