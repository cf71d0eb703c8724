using Nightshift.Plumbing.Streams;

namespace Nightshift.Escalation.Incidents;

/// <summary>One incident per target at a time, its tiers one after another until somebody takes it on.</summary>
public static class IncidentDecider
{
    /// <summary>Why a tier began: its delay passed.</summary>
    public const string Due = "due";

    /// <summary>Why a tier began: no channel of the one before it could be told.</summary>
    public const string Unreached = "unreached";

    /// <summary>Opens the incident, or counts a further failure of one that is open.</summary>
    /// <returns>No events for a failure already seen, nor for one from before the target was last seen to
    /// work.</returns>
    public static IReadOnlyList<IncidentEvent> Decide(Incident x, Raise raise)
    {
        if (x.Causes.Contains(raise.CauseId) || raise.FailedAt <= x.RecoveredAt)
            return [];
        if (x.IsOpen)
            return
            [
                new DuplicateSeen(
                    x.Epoch,
                    raise.CauseId,
                    raise.Summary,
                    raise.Why,
                    raise.FailedAt,
                    raise.At,
                    raise.RunId,
                    raise.Tasks
                ),
            ];
        var raised = new IncidentRaised(
            x.Epoch + 1,
            raise.Target,
            raise.CauseId,
            raise.Summary,
            raise.Why,
            raise.CaseId,
            raise.Tiers,
            raise.FailedAt,
            raise.At,
            raise.RunId,
            raise.Tasks
        );
        return [raised, .. EnterWhileImmediate(Incident.Evolve(x, raised), raise.At)];
    }

    /// <summary>Resolves the incident when the recovery is younger than its last failure.</summary>
    /// <returns>No events for a recovery already seen, or an older one.</returns>
    public static IReadOnlyList<IncidentEvent> Decide(Incident x, SeeRecovery recovery)
    {
        if (recovery.RecoveredAt <= x.RecoveredAt)
            return [];
        var seen = new RecoverySeen(x.Epoch, recovery.Target, recovery.Summary, recovery.RecoveredAt, recovery.At);
        return x.IsOpen && recovery.RecoveredAt >= x.FailedAt
            ? [seen, new Resolved(x.Epoch, "healer", recovery.Summary, recovery.At)]
            : [seen];
    }

    /// <summary>Enters the tier whose delay has passed.</summary>
    /// <returns>No events unless the incident is open in that epoch and that tier is the next.</returns>
    public static IReadOnlyList<IncidentEvent> Decide(Incident x, EnterTier due) =>
        due.Epoch == x.Epoch && due.Tier == x.Tier + 1 ? [.. Enter(x, Due, due.DueAt, due.At)] : [];

    /// <summary>
    /// Records what became of a notification; when a whole tier reached nobody, the next begins at once.
    /// </summary>
    /// <returns>No events for one recorded before or of an earlier epoch.</returns>
    public static IReadOnlyList<IncidentEvent> Decide(Incident x, RecordNotification told)
    {
        if (told.Epoch != x.Epoch || x.Told.ContainsKey(Incident.Key(told.Tier, told.Channel)))
            return [];
        IncidentEvent recorded = told.Failure is null
            ? new NotificationSent(told.Epoch, told.Tier, told.Channel, told.At)
            : new NotificationFailed(told.Epoch, told.Tier, told.Channel, told.Failure, told.At);
        var after = Incident.Evolve(x, recorded);
        return
        [
            recorded,
            .. told.Tier == after.Tier && ReachedNobody(after) ? Enter(after, Unreached, null, told.At) : [],
        ];
    }

    /// <summary>Stops the tiers.</summary>
    /// <returns>No events when the same person repeats it.</returns>
    /// <exception cref="RejectedException"><c>unknown_incident</c>, <c>incident_resolved</c></exception>
    public static IReadOnlyList<IncidentEvent> Decide(Incident x, Acknowledge acknowledge)
    {
        Require(x);
        if (x.State is IncidentState.Resolved)
            throw new RejectedException(
                "incident_resolved",
                $"The incident {x.Target} is resolved; there is nothing left to acknowledge"
            );
        return x.AcknowledgedBy == acknowledge.By
            ? []
            : [new Acknowledged(x.Epoch, acknowledge.By, acknowledge.Reason, acknowledge.At)];
    }

    /// <summary>Ends it.</summary>
    /// <returns>No events when it has ended.</returns>
    /// <exception cref="RejectedException"><c>unknown_incident</c></exception>
    public static IReadOnlyList<IncidentEvent> Decide(Incident x, Resolve resolve)
    {
        Require(x);
        return x.State is IncidentState.Resolved ? [] : [new Resolved(x.Epoch, resolve.By, resolve.Reason, resolve.At)];
    }

    static IEnumerable<IncidentEvent> EnterWhileImmediate(Incident x, DateTimeOffset at) =>
        x.Tier < x.Tiers.Count && x.Tiers[x.Tier].After == TimeSpan.Zero ? Enter(x, Due, dueAt: null, at) : [];

    // The only place a tier begins.
    static IEnumerable<IncidentEvent> Enter(Incident x, string why, DateTimeOffset? dueAt, DateTimeOffset at)
    {
        if (x.State is not IncidentState.Open || x.Tier >= x.Tiers.Count)
            return [];
        var entered = new TierEntered(x.Epoch, x.Tier + 1, why, dueAt, at);
        return [entered, .. EnterWhileImmediate(Incident.Evolve(x, entered), at)];
    }

    static bool ReachedNobody(Incident x) =>
        x.Tier > 0
        && x.Tiers[x.Tier - 1].Channels.All(c => x.Told.TryGetValue(Incident.Key(x.Tier, c), out var told) && !told);

    static void Require(Incident x)
    {
        if (x.State is IncidentState.None)
            throw new RejectedException("unknown_incident", "There is no such incident");
    }
}
