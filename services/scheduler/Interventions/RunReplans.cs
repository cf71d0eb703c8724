using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Interventions;

/// <summary>Clears tasks of a run that goes on with the live version of its DAG.</summary>
static class RunReplans
{
    /// <summary>
    /// The tasks are those that the new version has. Tasks that it has no more are stopped, and those that wait for slots
    /// ask again, since what they ask for may have changed.
    /// </summary>
    /// <returns>No events when no task is cleared and none is added.</returns>
    /// <exception cref="RejectedException"><c>mapped_run</c>: either version maps tasks.</exception>
    public static IReadOnlyList<RunEvent> Decide(Run run, ClearTasks clear, LatestVersion latest, OutputValues? outputs)
    {
        var (by, note, at) = clear.Actor;
        Check(run, latest);
        var replanned = Replanned(run, latest, by, at);
        var selected = clear.Selection.ToClear(Run.Evolve(run, replanned)).ToHashSet();
        if (selected.Count == 0 && replanned.Added.Count == 0)
            return [];
        var cleared = run
            .Plan.Tasks.Select(x => x.TaskId)
            .Where(x => selected.Contains(x) || IsAskedAgain(run, replanned, x));
        return new RunProgress(run, at, outputs ?? new()).Replan([.. cleared], replanned, note, clear.Key).Complete();
    }

    // Which instances would stay is not decided: their items may come from tasks that the other version has changed.
    static void Check(Run run, LatestVersion latest)
    {
        if (run.Plan.Tasks.Concat(latest.Spec.Tasks).FirstOrDefault(x => x.ForEach is not null) is { } mapped)
            throw new RejectedException(
                "mapped_run",
                $"Task '{mapped.TaskId}' is mapped ('for_each'), and such a run cannot go on with another version: clear "
                    + "it without 'run_on_latest_version', or trigger a run"
            );
    }

    static bool IsAskedAgain(Run run, RunReplanned replanned, string task) =>
        run.Tasks[task].State switch
        {
            TaskState.None => false,
            TaskState.Scheduled => true,
            _ => !replanned.Plan.Has(task),
        };

    static RunReplanned Replanned(Run run, LatestVersion latest, string by, DateTimeOffset at)
    {
        var plan = new Plan(latest.Spec.Tasks);
        var (texts, typed) = RunDecider.Params(StartOf(run.Queued!, latest, at));
        return new(
            latest.Version,
            plan,
            texts,
            [.. plan.Tasks.Select(x => x.TaskId).Where(x => !run.Plan.Has(x))],
            [.. run.Plan.Tasks.Select(x => x.TaskId).Where(x => !plan.Has(x))],
            by,
            at
        )
        {
            DagRunTimeout = latest.Spec.DagRunTimeout,
            FailFast = latest.Spec.FailFast,
            MaxConsecutiveFailedDagRuns = latest.Spec.MaxConsecutiveFailedDagRuns,
            MaxActiveTasks = latest.Spec.MaxActiveTasks,
            TypedParams = typed,
        };
    }

    // The run keeps its values of the parameters that are still there.
    static StartRun StartOf(RunQueued queued, LatestVersion latest, DateTimeOffset at) =>
        new StartRun(
            queued.RunId,
            latest.Spec,
            latest.Version,
            queued.Type,
            queued.Cause,
            queued.LogicalDate,
            queued.Interval,
            new Dictionary<string, string?>(),
            queued.Trigger,
            at
        ).With(queued.Conf.Where(x => latest.Spec.Params.ContainsKey(x.Key)).ToDictionary());
}
