using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Nightshift.Scheduler.Dags;

namespace Nightshift.Scheduler.Runs;

/// <summary>A task that the version of the DAG which a run went on with does not have.</summary>
/// <param name="Spec">The task as it was.</param>
/// <param name="Task">Where it stood; its attempts go on counting when a version has it again.</param>
public sealed record RemovedTask(TaskSpec Spec, TaskInstance Task);

/// <summary>How a run goes on with another version of its DAG.</summary>
public sealed partial record Run
{
    /// <summary>The tasks that it has no more, by id; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, RemovedTask>? Removed { get; init; }

    Run Replan(RunReplanned replanned)
    {
        var tasks = replanned.Plan.Tasks.ToDictionary(x => x.TaskId, Replanned);
        var run = this with
        {
            Queued = Queued! with
            {
                Plan = replanned.Plan,
                DagVersion = replanned.DagVersion,
                Params = replanned.Params,
                TypedParams = replanned.TypedParams,
                DagRunTimeout = replanned.DagRunTimeout,
                FailFast = replanned.FailFast,
                MaxConsecutiveFailedDagRuns = replanned.MaxConsecutiveFailedDagRuns,
                MaxActiveTasks = replanned.MaxActiveTasks,
            },
            Removed = RemovedBy(replanned),
            TimeoutAt = StartedAt is null || Outcome is not null ? TimeoutAt : replanned.At + replanned.DagRunTimeout,
            Tasks = replanned.Plan.Tasks.ToImmutableDictionary(
                x => x.TaskId,
                x => tasks[x.TaskId] with { Upstream = Counted(replanned.Plan, x, tasks) }
            ),
        };
        return run with
        {
            Open = run.Tasks.Values.Count(x => !x.Ended),
            FailedLeaves = run.Tasks.Sum(x => run.FailedLeaf(x.Key, x.Value.State)),
        };
    }

    // A memory limit that healing raised stays.
    TaskInstance Replanned(TaskSpec spec) =>
        Find(spec.TaskId) is { } kept
            ? kept with
            {
                MemoryMiB =
                    kept.MemoryMiB == Plan[spec.TaskId].MemoryMiB
                        ? spec.MemoryMiB
                        : Math.Max(kept.MemoryMiB, spec.MemoryMiB),
            }
        : Removed?.GetValueOrDefault(spec.TaskId) is { } removed
            ? NotBegun(spec) with
            {
                Attempt = removed.Task.Attempt,
                ClearedAt = removed.Task.Attempt,
                Requests = removed.Task.Requests,
            }
        : NotBegun(spec);

    static TaskInstance NotBegun(TaskSpec spec) =>
        new(TaskState.None, 0, spec.MemoryMiB, new(spec.Needs.Count, 0, 0, 0, 0), NoOutputs);

    static UpstreamCounts Counted(Plan plan, TaskSpec spec, IReadOnlyDictionary<string, TaskInstance> tasks) =>
        spec
            .Needs.Where(x => tasks[x].Ended)
            .Aggregate(
                NoneEnded(plan, spec),
                (counts, x) => Count(counts, tasks[x].State, plan[x].Role is TaskRole.Setup, +1)
            );

    ImmutableDictionary<string, RemovedTask>? RemovedBy(RunReplanned replanned)
    {
        var removed = (Removed ?? ImmutableDictionary<string, RemovedTask>.Empty)
            .Where(x => !replanned.Plan.Has(x.Key))
            .Concat(replanned.Removed.Select(x => KeyValuePair.Create(x, new RemovedTask(Plan[x], Tasks[x]))))
            .ToImmutableDictionary();
        return removed.IsEmpty ? null : removed;
    }
}
