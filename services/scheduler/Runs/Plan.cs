using System.Text.Json.Serialization;
using Nightshift.DagFiles.Groups;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// The tasks of one run, indexed once so that finding a task or its successors does not depend on how many there are.
/// An instance of a mapped task (<see cref="TaskInstanceId"/>) has the place of its task.
/// </summary>
/// <param name="Tasks">In topological order.</param>
public sealed record Plan(IReadOnlyList<TaskSpec> Tasks)
{
    readonly Lazy<PlanIndex> index = new(() => new(Tasks));

    /// <summary>The plan before there is a run.</summary>
    [JsonIgnore]
    public static Plan Empty { get; } = new([]);

    /// <summary>The task of that name; of an instance, its task under the instance's name.</summary>
    public TaskSpec this[string taskId] =>
        TaskInstanceId.TaskOf(taskId) is var task && task.Length == taskId.Length
            ? index.Value.ById[taskId]
            : index.Value.ById[task] with
            {
                TaskId = taskId,
            };

    /// <summary>Whether the plan has that task, which may be mapped; it has no instances.</summary>
    public bool Has(string taskId) => index.Value.ById.ContainsKey(taskId);

    /// <summary>What the names of its tasks and groups mean.</summary>
    [JsonIgnore]
    public TaskNames Names => index.Value.Names;

    /// <summary>The task of that id, or the tasks of the group of that id, in topological order; none when there is
    /// neither.</summary>
    public IReadOnlyList<TaskSpec> Members(string id) =>
        Has(id) ? [this[id]] : [.. Tasks.Where(x => TaskNames.IsIn(x.TaskId, id))];

    /// <summary>The task of that id, or those tasks of the group of that id that need no other of it.</summary>
    public IEnumerable<TaskSpec> First(string id) =>
        Has(id) ? [this[id]] : Members(id).Where(x => !x.Needs.Any(y => TaskNames.IsIn(y, id)));

    /// <summary>The tasks that need this one.</summary>
    public IEnumerable<TaskSpec> After(string taskId) => index.Value.After[TaskInstanceId.TaskOf(taskId)];

    /// <summary>
    /// True when the task decides how a run ended: no task needs it but teardowns whose failure is ignored, and it is
    /// no such teardown itself.
    /// </summary>
    public bool IsEffectiveLeaf(string taskId) => index.Value.EffectiveLeaves.Contains(TaskInstanceId.TaskOf(taskId));

    /// <summary>True when tasks of the DAG's next run may wait for the end of this one.</summary>
    public bool IsAwaitedByNextRun(string taskId) =>
        index.Value.AwaitedByNextRun.Contains(TaskInstanceId.TaskOf(taskId));

    /// <summary>True when some task waits for the DAG's previous run.</summary>
    [JsonIgnore]
    public bool WaitsForPast => index.Value.AwaitedByNextRun.Count > 0;

    /// <summary>The setups that must have succeeded before this task runs, although it does not name them.</summary>
    public IReadOnlyList<string> IndirectSetups(string taskId) =>
        index.Value.Setups.Before.GetValueOrDefault(TaskInstanceId.TaskOf(taskId)) ?? [];

    /// <summary>The tasks that have this one among their <see cref="IndirectSetups"/>.</summary>
    public IReadOnlyList<TaskSpec> ScopeOf(string setup) =>
        index.Value.Setups.Scopes.GetValueOrDefault(TaskInstanceId.TaskOf(setup)) ?? [];

    /// <summary>Every task before some, directly or through others.</summary>
    public IReadOnlySet<string> Upstream(IEnumerable<string> tasks) => index.Value.Upstream(tasks.Select(x => this[x]));

    /// <summary>Every task behind some, directly or through others, in topological order.</summary>
    public IReadOnlyList<TaskSpec> Downstream(IReadOnlyCollection<string> tasks) =>
        index.Value.Downstream([.. tasks.Select(TaskInstanceId.TaskOf)], last: Tasks.Count - 1);

    /// <summary>Which task goes first where several wait: the larger number. By the task's weight rule.</summary>
    public int PriorityOf(string taskId) => index.Value.PriorityOf(TaskInstanceId.TaskOf(taskId));

    /// <summary>True when a task takes slots of a pool, or has a limit of its own.</summary>
    [JsonIgnore]
    public bool HasLimits => index.Value.HasLimits;

    /// <summary>Every task behind this one, directly or through others, in topological order.</summary>
    public IReadOnlyList<TaskSpec> Downstream(string taskId) => Downstream([taskId]);

    /// <summary>Those of some tasks that are one of others, or stand behind one of them.</summary>
    /// <param name="tasks">The tasks in question.</param>
    /// <param name="from">The others.</param>
    public IReadOnlySet<string> Reached(IReadOnlyCollection<TaskSpec> tasks, IReadOnlyCollection<string> from)
    {
        var last = tasks.Max(x => index.Value.Position[x.TaskId]);
        var reached = index.Value.Downstream(from, last).Select(x => x.TaskId).Concat(from).ToHashSet();
        return tasks.Select(x => x.TaskId).Where(reached.Contains).ToHashSet();
    }

    /// <summary>The tasks over whose outputs this one is mapped.</summary>
    public IReadOnlyList<string> MappedOver(string taskId) => index.Value.MappedOver[taskId];

    /// <inheritdoc/>
    public bool Equals(Plan? other) => other is not null && Tasks.SequenceEqual(other.Tasks);

    /// <inheritdoc/>
    public override int GetHashCode() => Tasks.Count;
}
