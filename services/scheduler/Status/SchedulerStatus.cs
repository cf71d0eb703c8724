using Nightshift.Plumbing.Status;

namespace Nightshift.Scheduler.Status;

/// <summary>
/// The scheduler has nothing to add to what the plumbing looks at: that nothing due is waiting for long.
/// </summary>
public sealed class SchedulerStatus : IStatusReport
{
    /// <inheritdoc/>
    public Task<(string Name, string State, bool Ok)> Read(CancellationToken cancellationToken) =>
        Task.FromResult(("Scheduler", "Healthy", true));
}
