using System.Globalization;
using Nightshift.Healer.Cases;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Healer.Containers;

/// <summary>Back-off, verification and proving time of containers. The state decides whether a timer still means anything.</summary>
public sealed class ContainerTimers(CaseStore cases) : ITimerHandler
{
    /// <inheritdoc/>
    public string Prefix => CaseStream.Prefix;

    /// <inheritdoc/>
    public Task Fire(TimerDue timer, CancellationToken cancellationToken)
    {
        var parts = timer.Purpose.Split(':'); // container names hold no colon
        var (container, number) = (parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture));
        return cases.Decide(timer.StreamId[Prefix.Length..], (x, terms) => parts[0] switch
        {
            "act" => ContainerDecider.Decide(x, new ActNow(container, number), terms),
            "verify" => ContainerDecider.Decide(x, new CheckVerified(container, number), terms),
            "stable" => ContainerDecider.Decide(x, new CheckStable(container, number), terms),
            _ => [],
        }, cancellationToken);
    }
}
