using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Mapping;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// The instances of mapped tasks. A task is one of <see cref="Tasks"/> until it is mapped, then its instances are.
/// </summary>
public sealed partial record Run
{
    /// <summary>The tasks that are mapped, by name; null when none is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableDictionary<string, MappedTask>? Mapped { get; init; }

    /// <summary>The tasks that the run has to end, in topological order: instances in the place of a mapped
    /// task.</summary>
    [JsonIgnore]
    public IEnumerable<TaskSpec> Instances => Plan.Tasks.SelectMany(InstancesOf);

    /// <summary>The same, and behind the instances of a task those that were removed.</summary>
    [JsonIgnore]
    public IEnumerable<TaskSpec> InstancesAndRemoved =>
        Plan.Tasks.SelectMany(x => x.ForEach is null ? [x] : InstancesOf(x).Concat(RemovedOf(x.TaskId)));

    /// <summary>The instances of a mapped task; any other task itself.</summary>
    /// <param name="task">A task of the plan.</param>
    public IEnumerable<TaskSpec> InstancesOf(TaskSpec task) =>
        MappedOf(task.TaskId) is { } mapped
            ? Enumerable.Range(0, mapped.Length).Select(x => task with { TaskId = TaskInstanceId.Of(task.TaskId, x) })
            : [task];

    /// <summary>What a name stands for: all instances of a mapped task, one of them, a task, or the tasks of a group;
    /// none when the run has no such task.</summary>
    public IReadOnlyList<TaskSpec> Named(string name) =>
        Plan.Has(name) ? [.. InstancesOf(Plan[name])]
        : IsLive(name) ? [Plan[name]]
        : [.. Plan.Members(name).SelectMany(InstancesOf)];

    /// <summary>The mapped task of that name; null when there is none, or it is not mapped yet.</summary>
    public MappedTask? MappedOf(string task) => Mapped?.GetValueOrDefault(task);

    /// <summary>How the tasks that a task needs have ended so far.</summary>
    public UpstreamCounts UpstreamOf(string name) =>
        MappedOf(TaskInstanceId.TaskOf(name)) is { } mapped ? mapped.Upstream : Tasks[name].Upstream;

    /// <summary>Where a task of the plan stands, all its instances taken together.</summary>
    public TaskState StateOf(string task) => MappedOf(task)?.State ?? Tasks[task].State;

    /// <summary>True when a task of the plan has ended with all its instances.</summary>
    public bool HasEnded(string task) => MappedOf(task)?.Ended ?? Tasks[task].Ended;

    /// <summary>True for a task that gets its instances when its turn comes.</summary>
    public bool IsToBeMapped(TaskSpec spec) => spec.ForEach is not null && Plan.Has(spec.TaskId);

    // An instance that was removed is there for its history alone.
    bool IsLive(string name) => Find(name) is { State: not TaskState.Removed };

    IEnumerable<TaskSpec> RemovedOf(string task)
    {
        for (var index = MappedOf(task)?.Length ?? 0; Tasks.ContainsKey(TaskInstanceId.Of(task, index)); index++)
            yield return Plan[TaskInstanceId.Of(task, index)];
    }

    // An instance of an earlier mapping goes on counting its attempts.
    Run Map(TaskMapped x)
    {
        var (tasks, unmapped) = (Tasks.ToBuilder(), Tasks[x.Task]);
        tasks.Remove(x.Task);
        foreach (var id in Enumerable.Range(0, x.Length).Select(i => TaskInstanceId.Of(x.Task, i)))
            tasks[id] = tasks.TryGetValue(id, out var earlier)
                ? earlier with
                {
                    State = TaskState.None,
                }
                : new(TaskState.None, 0, unmapped.MemoryMiB, default, NoOutputs);
        var mapped = new MappedTask(x.Length, unmapped.Upstream, default, x.Items) { StoredItems = x.StoredItems };
        return (
            this with
            {
                Tasks = tasks.ToImmutable(),
                Mapped = (Mapped ?? ImmutableDictionary<string, MappedTask>.Empty).SetItem(x.Task, mapped),
            }
        ).Resize(x.Task, x.Length - 1);
    }

    // The task waits for its turn again; its instances are removed until a mapping brings them back.
    Run Unmap(string task)
    {
        var mapped = Mapped![task];
        var instances = Enumerable.Range(0, mapped.Length).Select(i => TaskInstanceId.Of(task, i)).ToList();
        var run = instances.Aggregate(this, (x, id) => x.ResetWithOutputs(id));
        var tasks = run.Tasks.ToBuilder();
        foreach (var id in instances)
            tasks[id] = tasks[id] with { State = TaskState.Removed };
        tasks[task] = new(TaskState.None, 0, Plan[task].MemoryMiB, run.Mapped![task].Upstream, NoOutputs);
        return (
            run with
            {
                Tasks = tasks.ToImmutable(),
                Mapped = run.Mapped.Remove(task) is { IsEmpty: false } others ? others : null,
            }
        ).Resize(task, 1 - mapped.Length);
    }

    // So many more instances are to end, also for the tasks that need them.
    Run Resize(string task, int by)
    {
        var isSetup = Plan[task].Role is TaskRole.Setup;
        return (this with { Open = Open + by }).CountUpstream(
            Plan.After(task),
            x => x with { Total = x.Total + by, Setups = x.Setups + (isSetup ? by : 0) }
        );
    }

    Run CountUpstream(IEnumerable<TaskSpec> behind, Func<UpstreamCounts, UpstreamCounts> change)
    {
        var (tasks, mapped) = (Tasks.ToBuilder(), Mapped);
        foreach (var spec in behind)
            if (mapped?.GetValueOrDefault(spec.TaskId) is { } together)
                mapped = mapped.SetItem(spec.TaskId, together with { Upstream = change(together.Upstream) });
            else
            {
                var instance = tasks[spec.TaskId];
                tasks[spec.TaskId] = instance with { Upstream = change(instance.Upstream) };
            }
        return this with { Tasks = tasks.ToImmutable(), Mapped = mapped };
    }

    // What its end is for the task that it is an instance of.
    Run CountInstance(string name, TaskState state, int by) =>
        TaskInstanceId.TaskOf(name) is var task && task.Length < name.Length && MappedOf(task) is { } mapped
            ? this with
            {
                Mapped = Mapped!.SetItem(task, mapped with { Ends = Count(mapped.Ends, state, isSetup: false, by) }),
            }
            : this;
}
