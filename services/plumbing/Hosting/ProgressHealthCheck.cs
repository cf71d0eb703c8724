using Microsoft.Extensions.Diagnostics.HealthChecks;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Status;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Plumbing.Hosting;

/// <summary>Healthy means getting on: no timer and no committed event has been waiting for long.</summary>
sealed class ProgressHealthCheck(TimerTable timers, RelayGap gap) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        var late = await timers.Overdue(cancellationToken);
        if (late > ServiceProblems.Patience)
            return HealthCheckResult.Unhealthy($"The oldest due timer is {late.TotalSeconds:0} s late");
        var waiting = await gap.OldestUnpublished(cancellationToken);
        return waiting > ServiceProblems.Patience
            ? HealthCheckResult.Unhealthy($"The oldest unpublished event is {waiting.TotalSeconds:0} s old")
            : HealthCheckResult.Healthy();
    }
}
