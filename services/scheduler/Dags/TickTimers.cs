using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// Turns ticks into runs. The runs are made first and the ticks noted after: a crash between the two makes the same
/// runs again, which their ids forbid.
/// </summary>
public sealed class TickTimers(
    DagCatalog catalog,
    StreamStore<Dag> dags,
    StreamStore<Run> runs,
    ILogger<TickTimers> log,
    TimeProvider clock
) : ITimerHandler
{
    static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    /// <inheritdoc/>
    public string Prefix => Dag.Stream.Prefix;

    /// <inheritdoc/>
    public async Task Fire(TimerDue timer, CancellationToken cancellationToken)
    {
        var dagId = timer.StreamId[Prefix.Length..];
        var dag = await catalog.Find(dagId, cancellationToken);
        if (DagDecider.DueTicks(dag, timer.Now) is not [.., var last] ticks)
            return;
        var ran = await Task.WhenAll(ticks.Select(tick => Start(dag, tick, cancellationToken)));
        var pass = new PassTicks([.. ticks.Where((_, i) => ran[i])], last, clock.GetUtcNow());
        await dags.Transact(dagId, x => DagDecider.Decide(x, pass), cancellationToken);
    }

    async Task<bool> Start(Dag dag, DateTimeOffset tick, CancellationToken cancellationToken)
    {
        var runId = RunId.Scheduled(dag.Spec!.DagId, tick);
        var start = new StartRun(
            runId,
            dag.Spec,
            dag.Version,
            RunType.Scheduled,
            "schedule",
            tick,
            new(tick, tick),
            Nothing,
            Nothing,
            clock.GetUtcNow()
        );
        try
        {
            await runs.Transact(runId.Value, run => RunDecider.Decide(run, start), cancellationToken);
            return true;
        }
        catch (RejectedException e) // the schedule goes on: the DAG's next version may do better
        {
            Log.TickRefused(log, tick, dag.Spec.DagId, e.Message);
            return false;
        }
    }
}
