using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Status;

namespace Nightshift.Scheduler.Status;

/// <summary>
/// The scheduler adds the room on the disks to what the plumbing looks at: that nothing due is waiting for long.
/// </summary>
public sealed class SchedulerStatus(DiskSpace disk) : IStatusReport
{
    /// <inheritdoc/>
    public Task<(string State, bool Ok)> Read(CancellationToken cancellationToken) =>
        Task.FromResult(Of(disk.Verdict()));

    /// <summary>The line for a verdict on the disks.</summary>
    public static (string State, bool Ok) Of(DiskVerdict disk) =>
        disk.Level switch
        {
            DiskLevel.Full => ($"No new runs: only {disk.Words}", false),
            DiskLevel.Low => ($"Healthy; only {disk.Words}", true),
            _ => ("Healthy", true),
        };
}
