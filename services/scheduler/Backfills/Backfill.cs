using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Backfills;

/// <summary>One backfill, folded from its events.</summary>
/// <param name="Created">What was asked for; null before the first event.</param>
/// <param name="Next">How many of its dates have been dealt with.</param>
/// <param name="Active">Its runs that have not ended.</param>
/// <param name="IsPaused">It makes no further runs for now.</param>
/// <param name="IsCancelled">Somebody ended it.</param>
/// <param name="CompletedAt">When it ended (UTC); null while it goes on.</param>
public sealed record Backfill(
    BackfillCreated? Created,
    int Next,
    ImmutableHashSet<RunId> Active,
    bool IsPaused,
    bool IsCancelled,
    DateTimeOffset? CompletedAt
)
{
    /// <summary>Before the first event.</summary>
    public static Backfill None { get; } = new(null, 0, [], false, false, null);

    /// <summary>True while it has something to do.</summary>
    [JsonIgnore]
    public bool IsOpen => this is { Created: not null, CompletedAt: null };

    /// <summary>The dates to come, in the order in which they are run.</summary>
    [JsonIgnore]
    public IEnumerable<BackfillDate> Remaining => Created?.Dates.Skip(Next) ?? [];

    /// <summary>The state after one more event.</summary>
    public static Backfill Evolve(Backfill backfill, object @event) =>
        @event switch
        {
            BackfillCreated x => None with { Created = x },
            BackfillRunRequested x => backfill with { Next = backfill.Next + 1, Active = backfill.Active.Add(x.RunId) },
            BackfillDateSkipped => backfill with { Next = backfill.Next + 1 },
            BackfillRunRefused x => backfill with { Active = backfill.Active.Remove(x.RunId) },
            BackfillRunEnded x => backfill with { Active = backfill.Active.Remove(x.RunId) },
            BackfillPaused => backfill with { IsPaused = true },
            BackfillUnpaused => backfill with { IsPaused = false },
            BackfillCancelled x => backfill with { IsCancelled = true, CompletedAt = x.At },
            BackfillCompleted x => backfill with { CompletedAt = x.At },
            _ => backfill,
        };
}
