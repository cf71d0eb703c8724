using System.Globalization;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Escalation.Incidents;

/// <summary>How incidents are named, folded and timed.</summary>
public static class IncidentStream
{
    /// <summary>Start of every incident's stream id; the rest is the target.</summary>
    public const string Prefix = "incident-";

    /// <summary>For the store, timers and replay.</summary>
    public static StreamDefinition<Incident> Definition { get; } =
        new(Prefix, typeof(IncidentEvent), Incident.None, Incident.Evolve)
        {
            Timers = Timers,
            IsEnded = x => !x.IsOpen,
        };

    /// <summary>Names the timer of a tier.</summary>
    public static string Purpose(int epoch, int tier) =>
        string.Create(CultureInfo.InvariantCulture, $"tier:{epoch}:{tier}");

    // The delay of a tier counts from the actual entry of the one before it: after an outage tiers follow at their
    // distance, not in a burst.
    static IEnumerable<TimerChange> Timers(Incident after, object @event) =>
        @event switch
        {
            IncidentRaised e => Arm(after, e.Epoch, tier: 1),
            TierEntered e => Arm(after, e.Epoch, e.Tier + 1),
            _ => [],
        };

    static IEnumerable<TimerChange> Arm(Incident x, int epoch, int tier) =>
        tier <= x.Tiers.Count && x.Tiers[tier - 1].After > TimeSpan.Zero
            ? [new TimerChange.In(Purpose(epoch, tier), x.Tiers[tier - 1].After)]
            : [];
}
