using System.Globalization;
using Nightshift.Healer.Containers;
using Nightshift.Healer.Tasks;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Healer.Cases;

/// <summary>
/// Back-off, verification and proving time of containers, and the time a raise of memory may take. The state decides
/// whether a timer still means anything.
/// </summary>
public sealed class CaseTimers(CaseStore cases) : ITimerHandler
{
    /// <inheritdoc/>
    public string Prefix => CaseStream.Prefix;

    /// <inheritdoc/>
    public Task Fire(TimerDue timer, CancellationToken cancellationToken)
    {
        var parts = timer.Purpose.Split(':'); // container names hold no colon
        var (container, number) = (parts[1], int.Parse(parts[^1], CultureInfo.InvariantCulture));
        var target = timer.StreamId[Prefix.Length..];
        return cases.Decide(
            target,
            (x, terms) =>
                parts[0] switch
                {
                    "act" => ContainerDecider.Decide(x, new ActNow(container, number), terms),
                    "verify" => ContainerDecider.Decide(x, new CheckVerified(container, number), terms),
                    "stable" => ContainerDecider.Decide(x, new CheckStable(container, number), terms),
                    "raise" => TaskDecider.Decide(x, new CheckRaised(target, number), terms),
                    _ => [],
                },
            cancellationToken
        );
    }
}
