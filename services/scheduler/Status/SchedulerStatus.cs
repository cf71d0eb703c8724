using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Status;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Scheduler.Status;

/// <summary>Healthy means that nothing due is waiting for long.</summary>
public sealed class SchedulerStatus(TimerTable timers, RelayGap gap) : IStatusReport
{
    static readonly TimeSpan Late = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public async Task<(string Name, string State, bool Ok)> Read(CancellationToken cancellationToken)
    {
        var late = TimeSpan.FromTicks(Math.Max((await timers.Overdue(cancellationToken)).Ticks, (await gap.OldestUntold(cancellationToken)).Ticks));
        return late < Late ? ("Scheduler", "Healthy", true) : ("Scheduler", $"Behind ({late.TotalSeconds:0} s)", false);
    }
}
