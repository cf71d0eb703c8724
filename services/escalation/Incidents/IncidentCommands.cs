using Nightshift.Escalation.Tiers;

namespace Nightshift.Escalation.Incidents;

/// <summary>Healing gave up on something.</summary>
/// <param name="Target">What is broken.</param>
/// <param name="CauseId">The failure.</param>
/// <param name="Summary">What failed.</param>
/// <param name="Why">Why healing stopped.</param>
/// <param name="CaseId">The healer's case.</param>
/// <param name="FailedAt">When the healer gave up (UTC).</param>
/// <param name="Tiers">The tiers in force, for an incident this raises.</param>
/// <param name="At">Now (UTC).</param>
/// <param name="RunId">The run that failed; null for a container.</param>
/// <param name="Tasks">Names of tasks that failed in it; null for a container.</param>
public sealed record Raise(
    string Target,
    string CauseId,
    string Summary,
    string Why,
    string CaseId,
    DateTimeOffset FailedAt,
    IReadOnlyList<Tier> Tiers,
    DateTimeOffset At,
    string? RunId = null,
    IReadOnlyList<string>? Tasks = null
);

/// <summary>Healing saw it work again.</summary>
/// <param name="Target">What works.</param>
/// <param name="Summary">What proved it.</param>
/// <param name="RecoveredAt">When (UTC).</param>
/// <param name="At">Now (UTC).</param>
public sealed record SeeRecovery(string Target, string Summary, DateTimeOffset RecoveredAt, DateTimeOffset At);

/// <summary>A tier's delay has passed.</summary>
/// <param name="Epoch">The opening the timer belongs to.</param>
/// <param name="Tier">The tier that is due.</param>
/// <param name="DueAt">When it was due (UTC).</param>
/// <param name="At">Now (UTC).</param>
public sealed record EnterTier(int Epoch, int Tier, DateTimeOffset DueAt, DateTimeOffset At);

/// <summary>A channel was told, or could not be.</summary>
/// <param name="Epoch">The opening.</param>
/// <param name="Tier">The tier.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Failure">Why it could not be told; null when it was.</param>
/// <param name="At">Now (UTC).</param>
public sealed record RecordNotification(int Epoch, int Tier, string Channel, string? Failure, DateTimeOffset At);

/// <summary>A person takes it on.</summary>
/// <param name="By">Who.</param>
/// <param name="Reason">In their words; may be null.</param>
/// <param name="At">Now (UTC).</param>
public sealed record Acknowledge(string By, string? Reason, DateTimeOffset At);

/// <summary>A person declares it over.</summary>
/// <param name="By">Who.</param>
/// <param name="Reason">In their words; may be null.</param>
/// <param name="At">Now (UTC).</param>
public sealed record Resolve(string By, string? Reason, DateTimeOffset At);
