using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Schedules;

/// <summary>Plans the next run of a continuous schedule when the last has ended. Harmless when repeated.</summary>
public sealed class ContinuousRuns(DagCatalog catalog, TickCursors cursors, TimeProvider clock)
{
    /// <summary>At most one run begins in this time, so that a run of nothing does not fill the store.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>A run has ended.</summary>
    public async Task Continue(string runId, CancellationToken cancellationToken)
    {
        var dagId = RunStream.DagIdOf(runId);
        var (dag, cursor) = await catalog.FindScheduled(Dag.Stream.Prefix + dagId, cancellationToken);
        if (
            dag is not { Live: true, Spec.Schedule: { IsContinuous: true } schedule }
            || cursor is not { NextTick: null, SettledTick: { } last }
            || RunId.Scheduled(dagId, last).Value != runId
        )
            return;
        var next = TickDecider.Continue(schedule, cursor, clock.GetUtcNow());
        await cursors.Move(cursor, next, TickTimers.TickTimer(schedule, next), cancellationToken);
    }
}
