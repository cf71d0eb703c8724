using System.Text.Json.Serialization;
using Nightshift.Scheduler.Dags;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// The tasks of one run, indexed once so that finding a task or its successors does not depend on how many there are.
/// </summary>
/// <param name="Tasks">In topological order.</param>
public sealed record Plan(IReadOnlyList<TaskSpec> Tasks)
{
    readonly Lazy<(Dictionary<string, TaskSpec> ById, ILookup<string, TaskSpec> After)> index = new(() =>
        (
            Tasks.ToDictionary(x => x.TaskId),
            Tasks.SelectMany(x => x.Needs, (task, need) => (need, task)).ToLookup(x => x.need, x => x.task)
        )
    );

    /// <summary>The plan before there is a run.</summary>
    [JsonIgnore]
    public static Plan Empty { get; } = new([]);

    /// <summary>The task of that name.</summary>
    public TaskSpec this[string taskId] => index.Value.ById[taskId];

    /// <summary>Whether the plan has that task.</summary>
    public bool Has(string taskId) => index.Value.ById.ContainsKey(taskId);

    /// <summary>The tasks that need this one.</summary>
    public IEnumerable<TaskSpec> After(string taskId) => index.Value.After[taskId];

    /// <summary>True when no task needs this one; leaves decide how a run ended.</summary>
    public bool IsLeaf(string taskId) => !index.Value.After.Contains(taskId);

    /// <inheritdoc/>
    public bool Equals(Plan? other) => other is not null && Tasks.SequenceEqual(other.Tasks);

    /// <inheritdoc/>
    public override int GetHashCode() => Tasks.Count;
}
