using Nightshift.Escalation.Tiers;

namespace Nightshift.Escalation.Incidents;

/// <summary>A fact about one incident. Stored for ever: add properties, never rename or repurpose one.</summary>
/// <param name="Epoch">Which opening of the incident it belongs to, from 1; 0 before the first.</param>
/// <param name="At">When it was decided (UTC).</param>
public abstract record IncidentEvent(int Epoch, DateTimeOffset At);

/// <summary>Something needs a person.</summary>
/// <param name="Epoch">See <see cref="IncidentEvent"/>.</param>
/// <param name="Target">What is broken; the incident's id.</param>
/// <param name="CauseId">The failure.</param>
/// <param name="Summary">What failed.</param>
/// <param name="Why">Why healing stopped.</param>
/// <param name="CaseId">The healer's case.</param>
/// <param name="Tiers">The tiers this opening goes through; later changes of the settings do not reach it.</param>
/// <param name="FailedAt">When the healer gave up (UTC, its clock).</param>
/// <param name="At">See <see cref="IncidentEvent"/>.</param>
/// <param name="RunId">The run that failed; null for a container.</param>
/// <param name="Tasks">Names of tasks that failed in it; null for a container.</param>
public sealed record IncidentRaised(
    int Epoch,
    string Target,
    string CauseId,
    string Summary,
    string Why,
    string CaseId,
    IReadOnlyList<Tier> Tiers,
    DateTimeOffset FailedAt,
    DateTimeOffset At,
    string? RunId = null,
    IReadOnlyList<string>? Tasks = null
) : IncidentEvent(Epoch, At);

/// <summary>The same thing failed again while the incident was open. Its timers run on unchanged.</summary>
/// <param name="Epoch">See <see cref="IncidentEvent"/>.</param>
/// <param name="CauseId">The further failure.</param>
/// <param name="Summary">What failed.</param>
/// <param name="Why">Why healing stopped.</param>
/// <param name="FailedAt">When the healer gave up (UTC, its clock).</param>
/// <param name="At">See <see cref="IncidentEvent"/>.</param>
/// <param name="RunId">The run that failed; null for a container.</param>
/// <param name="Tasks">Names of tasks that failed in it; null for a container.</param>
public sealed record DuplicateSeen(
    int Epoch,
    string CauseId,
    string Summary,
    string Why,
    DateTimeOffset FailedAt,
    DateTimeOffset At,
    string? RunId = null,
    IReadOnlyList<string>? Tasks = null
) : IncidentEvent(Epoch, At);

/// <summary>A tier began; its channels are told once this is committed.</summary>
/// <param name="Epoch">See <see cref="IncidentEvent"/>.</param>
/// <param name="Tier">From 1.</param>
/// <param name="Why"><c>due</c>, or <c>unreached</c> when every channel of the tier before it failed.</param>
/// <param name="DueAt">When it was due (UTC, database clock); null when no timer was involved.</param>
/// <param name="At">See <see cref="IncidentEvent"/>.</param>
public sealed record TierEntered(int Epoch, int Tier, string Why, DateTimeOffset? DueAt, DateTimeOffset At)
    : IncidentEvent(Epoch, At);

/// <summary>A channel was told.</summary>
/// <param name="Epoch">See <see cref="IncidentEvent"/>.</param>
/// <param name="Tier">The tier.</param>
/// <param name="Channel">The channel.</param>
/// <param name="At">See <see cref="IncidentEvent"/>.</param>
public sealed record NotificationSent(int Epoch, int Tier, string Channel, DateTimeOffset At)
    : IncidentEvent(Epoch, At);

/// <summary>A channel could not be told.</summary>
/// <param name="Epoch">See <see cref="IncidentEvent"/>.</param>
/// <param name="Tier">The tier.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Why">One line for a person.</param>
/// <param name="At">See <see cref="IncidentEvent"/>.</param>
public sealed record NotificationFailed(int Epoch, int Tier, string Channel, string Why, DateTimeOffset At)
    : IncidentEvent(Epoch, At);

/// <summary>A person has taken it on; no further tier begins. A second person takes it over.</summary>
/// <param name="Epoch">See <see cref="IncidentEvent"/>.</param>
/// <param name="By">Who.</param>
/// <param name="Reason">In their words; null when they gave none.</param>
/// <param name="At">See <see cref="IncidentEvent"/>.</param>
public sealed record Acknowledged(int Epoch, string By, string? Reason, DateTimeOffset At) : IncidentEvent(Epoch, At);

/// <summary>It is over. A new failure opens the incident again, in the next epoch.</summary>
/// <param name="Epoch">See <see cref="IncidentEvent"/>.</param>
/// <param name="By">Who: a person, or <c>healer</c> when the target was seen to work.</param>
/// <param name="Reason">In their words; null when they gave none.</param>
/// <param name="At">See <see cref="IncidentEvent"/>.</param>
public sealed record Resolved(int Epoch, string By, string? Reason, DateTimeOffset At) : IncidentEvent(Epoch, At);

/// <summary>The healer saw the target work. A failure from before that, heard of later, is history.</summary>
/// <param name="Epoch">See <see cref="IncidentEvent"/>.</param>
/// <param name="Target">The target.</param>
/// <param name="Summary">What proved it.</param>
/// <param name="RecoveredAt">When (UTC, the healer's clock).</param>
/// <param name="At">See <see cref="IncidentEvent"/>.</param>
public sealed record RecoverySeen(
    int Epoch,
    string Target,
    string Summary,
    DateTimeOffset RecoveredAt,
    DateTimeOffset At
) : IncidentEvent(Epoch, At);
