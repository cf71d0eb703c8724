using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Pools;

/// <summary>What a task needs before it may be queued.</summary>
/// <param name="Pool">The pool whose slots it takes; null for none.</param>
/// <param name="Slots">How many it takes, 1 or more.</param>
/// <param name="PerRun"><c>max_active_tasks</c>: tasks of its run at a time; null for any number.</param>
/// <param name="PerDag"><c>max_active_tis_per_dag</c>: instances of it in all runs of its DAG; null for any
/// number.</param>
/// <param name="PerDagrun"><c>max_active_tis_per_dagrun</c>: instances of it in its run; null for any number.</param>
public sealed record TaskLimits(string? Pool, int Slots, int? PerRun, int? PerDag, int? PerDagrun)
{
    /// <summary>Of a task of a run; null when nothing limits it, and it is queued as soon as it is ready.</summary>
    public static TaskLimits? Of(RunQueued run, TaskSpec spec) =>
        (spec.Pool, run.MaxActiveTasks, spec.MaxActiveTisPerDag, spec.MaxActiveTisPerDagrun) is (null, null, null, null)
            ? null
            : new(
                spec.Pool,
                spec.PoolSlots ?? 1,
                run.MaxActiveTasks,
                spec.MaxActiveTisPerDag,
                spec.MaxActiveTisPerDagrun
            );
}
