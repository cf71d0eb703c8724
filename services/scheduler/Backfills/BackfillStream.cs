using System.Globalization;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Scheduler.Backfills;

/// <summary>How backfill streams are named, folded, timed and kept.</summary>
public static class BackfillStream
{
    /// <summary>The purpose of the timer that goes on with a backfill.</summary>
    public const string AdvanceTimer = "advance";

    /// <summary>Backfill streams.</summary>
    public static StreamDefinition<Backfill> Definition { get; } =
        new("backfill-", typeof(BackfillEvent), Backfill.None, Backfill.Evolve)
        {
            IsEnded = backfill => backfill.CompletedAt is not null,
            Timers = (_, e) =>
                e is BackfillCreated or BackfillUnpaused ? [new TimerChange.In(AdvanceTimer, TimeSpan.Zero)] : [],
        };

    /// <summary>Backfills are kept as long as runs are, after they ended.</summary>
    public static StreamRetention Retention { get; } =
        new(
            "backfills",
            Definition.Prefix,
            new("Backfills", TimeSpan.FromDays(90)),
            [typeof(BackfillCompleted), typeof(BackfillCancelled)],
            new StreamRows("mt_doc_backfillrow", "id")
        );

    /// <summary>A backfill's id in its stream's id.</summary>
    public static string IdOf(long backfillId) => backfillId.ToString(CultureInfo.InvariantCulture);

    /// <summary>The same, read from a stream's id.</summary>
    public static long IdOf(string streamId) =>
        long.Parse(streamId[Definition.Prefix.Length..], CultureInfo.InvariantCulture);
}
