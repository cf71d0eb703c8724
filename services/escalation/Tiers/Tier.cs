namespace Nightshift.Escalation.Tiers;

/// <summary>One tier, as an incident carries it.</summary>
/// <param name="After">Time after entering the tier before it, or after the raise for the first.</param>
/// <param name="Channels">Who is told.</param>
public sealed record Tier(TimeSpan After, IReadOnlyList<string> Channels);
