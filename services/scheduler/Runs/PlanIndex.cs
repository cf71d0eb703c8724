using Nightshift.DagFiles.Groups;

namespace Nightshift.Scheduler.Runs;

/// <summary>What a plan is asked for, by task.</summary>
sealed class PlanIndex
{
    readonly IReadOnlyList<TaskSpec> tasks;
    readonly Lazy<int[]> priorities;
    readonly Lazy<TaskNames> names;
    readonly Lazy<Dictionary<string, IReadOnlyList<string>>> mappedOver;

    public PlanIndex(IReadOnlyList<TaskSpec> tasks)
    {
        this.tasks = tasks;
        ById = tasks.ToDictionary(x => x.TaskId);
        Position = tasks.Select((x, i) => (x.TaskId, i)).ToDictionary(x => x.TaskId, x => x.i);
        After = tasks.SelectMany(x => x.Needs, (task, need) => (need, task)).ToLookup(x => x.need, x => x.task);
        EffectiveLeaves = [.. LeavesOf(tasks, After)];
        Setups = SetupScopes.Of(tasks, this);
        AwaitedByNextRun = [.. Awaited(tasks, After)];
        priorities = new(() => PriorityWeights.Of(tasks, Position));
        names = new(() => new(ById.Keys));
        mappedOver = new(() =>
            tasks
                .Where(x => x.ForEach is not null)
                .ToDictionary(
                    x => x.TaskId,
                    x => (IReadOnlyList<string>)[.. x.ForEach!.SelectMany(y => y.TasksOf(x.TaskId, Names)).Distinct()]
                )
        );
        HasLimits = tasks.Any(x => x is not { Pool: null, MaxActiveTisPerDag: null, MaxActiveTisPerDagrun: null });
    }

    /// <summary>As <see cref="Plan.PriorityOf"/>.</summary>
    public int PriorityOf(string task) => priorities.Value[Position[task]];

    /// <summary>As <see cref="Plan.Names"/>.</summary>
    public TaskNames Names => names.Value;

    /// <summary>As <see cref="Plan.MappedOver"/>, of the tasks with <c>for_each</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> MappedOver => mappedOver.Value;

    /// <summary>As <see cref="Plan.HasLimits"/>.</summary>
    public bool HasLimits { get; }

    /// <summary>The tasks by name.</summary>
    public Dictionary<string, TaskSpec> ById { get; }

    /// <summary>Where each stands in the topological order.</summary>
    public Dictionary<string, int> Position { get; }

    /// <summary>The tasks that need one.</summary>
    public ILookup<string, TaskSpec> After { get; }

    /// <summary>As <see cref="Plan.IsEffectiveLeaf"/>.</summary>
    public HashSet<string> EffectiveLeaves { get; }

    /// <summary>As <see cref="Plan.IsAwaitedByNextRun"/>.</summary>
    public HashSet<string> AwaitedByNextRun { get; }

    static IEnumerable<string> Awaited(IReadOnlyList<TaskSpec> tasks, ILookup<string, TaskSpec> after) =>
        tasks
            .Where(x => x.WaitsForPast)
            .SelectMany(x => x.WaitForDownstream ? after[x.TaskId].Prepend(x) : [x])
            .Select(x => x.TaskId);

    /// <summary>Which tasks wait for setups that they do not name.</summary>
    public SetupScopes Setups { get; }

    /// <summary>
    /// The tasks behind some, up to a position: one pass down the topological order, over no more than lies between.
    /// </summary>
    public IReadOnlyList<TaskSpec> Downstream(IReadOnlyCollection<string> from, int last)
    {
        var (found, open) = (new List<TaskSpec>(), new PriorityQueue<TaskSpec, int>());
        var seen = new HashSet<string>();
        foreach (var task in from)
            Follow(task);
        while (open.TryDequeue(out var task, out _))
        {
            found.Add(task);
            Follow(task.TaskId);
        }
        return found;
        void Follow(string task)
        {
            foreach (var next in After[task])
                if (Position[next.TaskId] <= last && seen.Add(next.TaskId))
                    open.Enqueue(next, Position[next.TaskId]);
        }
    }

    /// <summary>The tasks before some, directly or through others.</summary>
    public HashSet<string> Upstream(IEnumerable<TaskSpec> of)
    {
        var (found, open) = (new HashSet<string>(), new Queue<TaskSpec>(of));
        while (open.TryDequeue(out var task))
            foreach (var need in task.Needs)
                if (found.Add(need))
                    open.Enqueue(ById[need]);
        return found;
    }

    // A plan of nothing but teardowns is decided by its last tasks, as in Airflow.
    static IEnumerable<string> LeavesOf(IReadOnlyList<TaskSpec> tasks, ILookup<string, TaskSpec> after)
    {
        var leaves = tasks.Where(x => !IsIgnorable(x) && after[x.TaskId].All(IsIgnorable)).ToList();
        return (leaves.Count > 0 ? leaves : tasks.Where(x => !after.Contains(x.TaskId))).Select(x => x.TaskId);
    }

    static bool IsIgnorable(TaskSpec task) => task is { Role: TaskRole.Teardown, OnFailureFailDagRun: false };
}
