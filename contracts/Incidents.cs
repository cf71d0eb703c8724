namespace Nightshift.Contracts;

/// <summary>
/// Event, escalation → escalation: an incident entered a tier and that tier's channels are to be told.
/// A repeat names the same incident, epoch and tier; a channel already told is not told again.
/// </summary>
/// <param name="IncidentId">The incident.</param>
/// <param name="Epoch">Which opening of the incident this belongs to; an older one is history.</param>
/// <param name="Tier">From 1.</param>
public sealed record TierEntered(string IncidentId, int Epoch, int Tier);
