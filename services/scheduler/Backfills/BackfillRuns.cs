using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Backfills;

/// <summary>
/// Goes on with backfills: notes which of their runs have ended, decides, and makes the runs that were requested. Woken
/// by timers that the events arm, of the backfill and of its runs. The runs are made after they were requested: a crash
/// between the two makes the same runs again, which their ids forbid.
/// </summary>
public sealed class BackfillRuns(
    StreamStore<Backfill> backfills,
    RunStore runs,
    LatestRuns latest,
    DagCatalog catalog,
    TimerTable timers,
    DiskSpace disk,
    TimeProvider clock
)
{
    static readonly Dictionary<string, string?> NoParams = [];

    /// <summary>Dates looked at in one decision.</summary>
    const int DatesAtOnce = 500;

    /// <summary>When a backfill is looked at again whose DAG is withdrawn.</summary>
    public static readonly TimeSpan WithdrawnRetryPeriod = TimeSpan.FromMinutes(1);

    static readonly Dictionary<string, string> NoTrigger = [];

    /// <summary>Goes on with one as far as it goes now. Harmless when repeated.</summary>
    public async Task Advance(long backfillId, CancellationToken cancellationToken)
    {
        var id = BackfillStream.IdOf(backfillId);
        while (true)
        {
            var known = (await backfills.Transact(id, static _ => [], cancellationToken)).State;
            if (known is not { IsOpen: true, Created: { } created })
                return;
            disk.RequireRoom(); // the timer comes again
            if (await catalog.Find(created.DagId, cancellationToken) is not { Live: true } dag)
            {
                await WaitForDag(id, cancellationToken);
                return;
            }
            var of = await latest.Of(known.Active, cancellationToken);
            var dates = known.Remaining.Take(DatesAtOnce).Select(x => x.Start).ToList();
            var advance = new AdvanceBackfill(
                of.Where(x => x.Value is not null).ToDictionary(x => x.Key, x => x.Value!.Value),
                dates.Count,
                await latest.Of(created.DagId, dates, cancellationToken),
                clock.GetUtcNow()
            );
            var decided = await backfills.Transact(id, x => BackfillDecider.Decide(x, advance), cancellationToken);
            // by date: a run whose tasks depend on the past must find the run before it
            var missing = decided
                .State.Active.Where(x => !of.ContainsKey(x))
                .OrderBy(x => x.Value, StringComparer.Ordinal)
                .ToList();
            foreach (var run in missing)
                await Start(dag, created, run, cancellationToken);
            if (decided.Events.Count == 0 && missing.Count == 0)
                return;
        }
    }

    async Task Start(Dag dag, BackfillCreated created, RunId runId, CancellationToken cancellationToken)
    {
        var date = created.Dates.Single(x => RunId.Backfill(created.DagId, x.Start, created.BackfillId) == runId);
        var start = new StartRun(
            runId,
            dag.Spec!,
            dag.Version,
            RunType.Backfill,
            $"backfill {created.BackfillId}",
            date.Start,
            new(date.Start, date.End ?? date.Start),
            NoParams,
            NoTrigger,
            clock.GetUtcNow()
        )
        {
            BackfillId = created.BackfillId,
        };
        try
        {
            await runs.Transact(
                runId.Value,
                (x, values) => RunDecider.Decide(x, start.With(created.Conf), values),
                cancellationToken,
                expectNew: true
            );
        }
        catch (RejectedException e) // a version of the DAG that does not take the parameters any more
        {
            var refuse = new RefuseBackfillRun(runId, e.Message, clock.GetUtcNow());
            await backfills.Transact(
                BackfillStream.IdOf(created.BackfillId),
                x => BackfillDecider.Decide(x, refuse),
                cancellationToken
            );
        }
    }

    Task WaitForDag(string id, CancellationToken cancellationToken) =>
        timers.Change(
            BackfillStream.Definition.Prefix + id,
            new TimerChange.In(BackfillStream.AdvanceTimer, WithdrawnRetryPeriod),
            cancellationToken
        );
}
