using System.Collections.Immutable;
using Nightshift.Healer.Policy;

namespace Nightshift.Healer.Cases;

/// <summary>
/// Whether a target goes up and down. Nagios weighs the changes among its last 21 checks and has a high threshold to
/// start and a low one to stop. Events tell changes only and no checks, so here the failures after health are counted
/// in a window to start, and a time without any is needed to stop.
/// </summary>
/// <param name="Falls">When it failed although it had been well (UTC), oldest first.</param>
/// <param name="StableFor">Once it is flapping: how long it must stay well to be trusted again; null while it is
/// not.</param>
public sealed record Flapping(ImmutableList<DateTimeOffset> Falls, TimeSpan? StableFor)
{
    /// <summary>A target that never failed.</summary>
    public static Flapping None { get; } = new([], null);

    /// <summary>Falls remembered at most.</summary>
    public const int MostFalls = 20;

    /// <summary>True while it is flapping.</summary>
    public bool Active => StableFor is not null;

    /// <summary>Falls in the window up to a time.</summary>
    public int FallsWithin(TimeSpan window, DateTimeOffset at) => Falls.Count(x => (at - x).Duration() <= window);

    /// <summary>True when a failure at this time, already counted, makes it flapping.</summary>
    public bool Begins(HealingPolicy policy, DateTimeOffset failedAt) =>
        !Active && FallsWithin(policy.FlapWindow, failedAt) >= policy.FlapFailures;

    /// <summary>After one more fall.</summary>
    public Flapping Fall(DateTimeOffset at) =>
        this with
        {
            Falls = Falls.Add(at).RemoveRange(0, Math.Max(0, Falls.Count + 1 - MostFalls)),
        };
}
