using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Backfills;

/// <summary>The rules of a backfill: which dates it runs, in which order, and how many at the same time.</summary>
public static class BackfillDecider
{
    /// <summary>Creates it, with its dates.</summary>
    /// <returns>No events when it exists.</returns>
    /// <exception cref="RejectedException"><c>backfill_active</c>: the DAG has one that has not ended; see also
    /// <see cref="BackfillDates.Of"/>.</exception>
    public static IReadOnlyList<BackfillEvent> Decide(Backfill backfill, CreateBackfill create)
    {
        if (backfill.Created is not null)
            return [];
        var (dag, range) = (create.Dag, create.Range);
        if (create.ActiveBackfillId is { } active)
            throw new RejectedException(
                "backfill_active",
                $"DAG '{dag.DagId}' has backfill {active}, which has not ended; wait for it or cancel it"
            );
        return
        [
            new BackfillCreated(
                create.BackfillId,
                dag.DagId,
                range.FromDate,
                range.ToDate,
                range.RunBackwards,
                range.Reprocess,
                range.MaxActiveRuns,
                create.Conf,
                create.By,
                BackfillDates.Of(dag, range, create.At),
                create.At
            ),
        ];
    }

    /// <summary>Notes the runs that have ended, and requests as many as there is room for.</summary>
    /// <returns>No events when there is nothing to do, or it has ended.</returns>
    public static IReadOnlyList<BackfillEvent> Decide(Backfill backfill, AdvanceBackfill advance)
    {
        var events = new List<BackfillEvent>();
        void Add(BackfillEvent e)
        {
            events.Add(e);
            backfill = Backfill.Evolve(backfill, e);
        }
        if (!backfill.IsOpen)
            return events;
        foreach (
            var run in backfill.Active.Where(advance.Ended.ContainsKey).OrderBy(x => x.Value, StringComparer.Ordinal)
        )
            Add(new BackfillRunEnded(run, advance.Ended[run], advance.At));
        foreach (var date in backfill.Remaining.Take(advance.Known).ToList())
        {
            if (backfill.IsPaused || backfill.Active.Count >= backfill.Created!.MaxActiveRuns)
                break;
            Add(Next(backfill.Created!, date, advance.Latest.GetValueOrDefault(date.Start), advance.At));
        }
        if (backfill.Active.IsEmpty && backfill.Next == backfill.Created!.Dates.Count)
            Add(new BackfillCompleted(advance.At));
        return events;
    }

    /// <summary>Notes that a run cannot be made.</summary>
    /// <returns>No events when it is not one of its active runs.</returns>
    public static IReadOnlyList<BackfillEvent> Decide(Backfill backfill, RefuseBackfillRun refuse) =>
        backfill.IsOpen && backfill.Active.Contains(refuse.RunId)
            ? [new BackfillRunRefused(refuse.RunId, refuse.Why, refuse.At)]
            : [];

    /// <summary>Makes no further runs for now.</summary>
    /// <returns>No events when it is paused.</returns>
    /// <exception cref="RejectedException"><c>unknown_backfill</c>, <c>backfill_ended</c></exception>
    public static IReadOnlyList<BackfillEvent> Decide(Backfill backfill, PauseBackfill pause) =>
        Open(backfill).IsPaused ? [] : [new BackfillPaused(pause.By, pause.At)];

    /// <summary>Goes on after a pause.</summary>
    /// <returns>No events when it is not paused.</returns>
    /// <exception cref="RejectedException"><c>unknown_backfill</c>, <c>backfill_ended</c></exception>
    public static IReadOnlyList<BackfillEvent> Decide(Backfill backfill, UnpauseBackfill unpause) =>
        Open(backfill).IsPaused ? [new BackfillUnpaused(unpause.By, unpause.At)] : [];

    /// <summary>Ends it.</summary>
    /// <returns>No events when it was cancelled before.</returns>
    /// <exception cref="RejectedException"><c>unknown_backfill</c>, <c>backfill_ended</c></exception>
    public static IReadOnlyList<BackfillEvent> Decide(Backfill backfill, CancelBackfill cancel) =>
        backfill.IsCancelled ? []
        : Open(backfill) is not null ? [new BackfillCancelled(cancel.By, cancel.At)]
        : [];

    /// <summary>Why a date with that latest run is left out; null when it is run.</summary>
    public static DateSkipReason? Skip(LatestRun? latest, ReprocessBehavior reprocess) =>
        (latest, reprocess) switch
        {
            (null, _) => null,
            ({ Outcome: null }, _) => DateSkipReason.InFlight,
            (_, ReprocessBehavior.Completed) => null,
            ({ Outcome: RunOutcome.Failed }, ReprocessBehavior.Failed) => null,
            _ => DateSkipReason.AlreadyExists,
        };

    static BackfillEvent Next(BackfillCreated created, BackfillDate date, LatestRun? latest, DateTimeOffset at) =>
        Skip(latest, created.Reprocess) is { } reason
            ? new BackfillDateSkipped(date.Start, reason, latest!.RunId, at)
            : new BackfillRunRequested(RunId.Backfill(created.DagId, date.Start, created.BackfillId), date.Start, at);

    static Backfill Open(Backfill backfill) =>
        backfill switch
        {
            { Created: null } => throw new RejectedException("unknown_backfill", "There is no such backfill"),
            { CompletedAt: { } at } => throw new RejectedException(
                "backfill_ended",
                $"Backfill {backfill.Created.BackfillId} ended at {at:u}; create another"
            ),
            _ => backfill,
        };
}
