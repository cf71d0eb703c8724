namespace Nightshift.Scheduler.Runs;

/// <summary>
/// Which tasks are in the scope of which setups without naming them. A setup's scope is what lies between it and its
/// teardowns; one without teardowns reaches to the end. A task in it runs only when the setup succeeded, whatever its
/// trigger rule says, and a teardown waits for the setups it names alone.
/// </summary>
/// <param name="Before">The setups of each task in a scope.</param>
/// <param name="Scopes">The tasks of each setup.</param>
sealed record SetupScopes(
    IReadOnlyDictionary<string, List<string>> Before,
    IReadOnlyDictionary<string, List<TaskSpec>> Scopes
)
{
    /// <summary>Follows each setup once.</summary>
    public static SetupScopes Of(IReadOnlyList<TaskSpec> tasks, PlanIndex index)
    {
        var before = new Dictionary<string, List<string>>();
        var scopes = new Dictionary<string, List<TaskSpec>>();
        foreach (var setup in tasks.Where(x => x.Role is TaskRole.Setup))
        {
            scopes[setup.TaskId] = [.. Scope(setup, index)];
            foreach (var task in scopes[setup.TaskId])
                (before.TryGetValue(task.TaskId, out var setups) ? setups : before[task.TaskId] = []).Add(setup.TaskId);
        }
        return new(before, scopes);
    }

    static IEnumerable<TaskSpec> Scope(TaskSpec setup, PlanIndex index)
    {
        var teardowns = index.After[setup.TaskId].Where(x => x.Role is TaskRole.Teardown).ToList();
        var behind = index
            .Downstream([setup.TaskId], last: int.MaxValue)
            .Where(x => x.Role is not TaskRole.Teardown && !x.Needs.Contains(setup.TaskId));
        if (teardowns.Count == 0)
            return behind;
        var inside = index.Upstream(teardowns);
        return behind.Where(x => inside.Contains(x.TaskId));
    }
}
