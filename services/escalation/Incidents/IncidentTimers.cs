using System.Globalization;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Escalation.Incidents;

/// <summary>Delays of tiers. The state decides whether one still means anything.</summary>
public sealed class IncidentTimers(StreamStore<Incident> incidents, TimeProvider clock) : ITimerHandler
{
    /// <inheritdoc/>
    public string Prefix => IncidentStream.Prefix;

    /// <inheritdoc/>
    public Task Fire(TimerDue timer, CancellationToken cancellationToken)
    {
        var parts = timer.Purpose.Split(':');
        var enter = new EnterTier(
            int.Parse(parts[1], CultureInfo.InvariantCulture),
            int.Parse(parts[2], CultureInfo.InvariantCulture),
            timer.DueAt,
            clock.GetUtcNow()
        );
        return incidents.Transact(
            timer.StreamId[Prefix.Length..],
            x => IncidentDecider.Decide(x, enter),
            cancellationToken
        );
    }
}
