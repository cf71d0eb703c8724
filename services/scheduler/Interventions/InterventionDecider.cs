using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Interventions;

/// <summary>
/// The rules of what a person does to a run. A request that finds what it asks for decides nothing, so that repeating it
/// is harmless. Each refuses a run that does not exist (<c>unknown_run</c>).
/// </summary>
public static class InterventionDecider
{
    /// <summary>
    /// Ends a run: attempts are stopped and their tasks failed, tasks that have not begun are skipped, teardowns still
    /// run.
    /// </summary>
    /// <returns>No events when the run has ended, or a person ends it already.</returns>
    public static IReadOnlyList<RunEvent> Decide(Run run, CancelRun cancel, OutputValues? outputs = null) =>
        Existing(run) is { Outcome: not null } || run.IsStoppedByPerson
            ? []
            : Stop(run, StopReason.Cancelled, cancel.Actor, outputs);

    /// <summary>
    /// Ends tasks, which have failed: their attempts are stopped, or none is begun. Teardowns of a group still run.
    /// </summary>
    /// <returns>No events when they have ended.</returns>
    /// <exception cref="RejectedException"><c>unknown_task</c></exception>
    public static IReadOnlyList<RunEvent> Decide(Run run, CancelTasks cancel, OutputValues? outputs = null)
    {
        var (by, note, at) = cancel.Actor;
        var tasks = cancel
            .Selection.In(Existing(run))
            .Where(x => !run.Tasks[x.TaskId].Ended && (x.Role is not TaskRole.Teardown || cancel.Selection.Names(x)))
            .ToList();
        if (tasks.Count == 0)
            return [];
        var progress = new RunProgress(run, at, outputs ?? new());
        foreach (var task in tasks)
            progress.Cancel(task.TaskId, by, note);
        return progress.Complete();
    }

    /// <summary>
    /// Marks a run. Failed is as cancelled, also after the end. Success makes every task a success but the teardowns
    /// that are still to come.
    /// </summary>
    /// <returns>No events when the run has that outcome, or is coming to it.</returns>
    public static IReadOnlyList<RunEvent> Decide(Run run, MarkRun mark, OutputValues? outputs = null)
    {
        if (Existing(run).Outcome == mark.Outcome)
            return [];
        if (mark.Outcome is RunOutcome.Failed)
            return run.IsStoppedByPerson ? [] : Stop(run, StopReason.MarkedFailed, mark.Actor, outputs);
        var (by, note, at) = mark.Actor;
        var tasks = run.Instances.Where(x => IsMarkedWithRun(x, run.Tasks[x.TaskId])).ToList();
        if (tasks.Count == 0 && run.Stopped is null)
            return [];
        var progress = new RunProgress(run, at, outputs ?? new()).Add(new RunMarkedSuccess(by, note, at));
        foreach (var task in tasks)
            progress.Mark(task.TaskId, TaskState.Success, by, note: null, withRun: true);
        return progress.Complete();
    }

    /// <summary>
    /// Gives tasks a state. What had been given up behind them is open again when it can go on now, and an ended run
    /// whose outcome changes ends again.
    /// </summary>
    /// <returns>No events when they have that state.</returns>
    /// <exception cref="RejectedException"><c>unknown_task</c></exception>
    public static IReadOnlyList<RunEvent> Decide(Run run, MarkTasks mark, OutputValues? outputs = null)
    {
        var (by, note, at) = mark.Actor;
        var selected = mark.Selection.In(Existing(run)).Select(x => x.TaskId).ToList();
        var tasks = selected.Where(x => run.Tasks[x].State != mark.State).ToList();
        if (tasks.Count == 0)
            return [];
        var progress = new RunProgress(run, at, outputs ?? new());
        foreach (var task in tasks)
            progress.Mark(task, mark.State, by, note);
        if (mark.State is not TaskState.Failed)
            progress.Resume(selected, by);
        return progress.Complete();
    }

    /// <summary>Runs tasks again, each when its trigger rule allows it. Attempts under way are stopped.</summary>
    /// <returns>No events when there is nothing to clear, or when the latest request that cleared had this key.</returns>
    /// <exception cref="RejectedException"><c>unknown_task</c></exception>
    public static IReadOnlyList<RunEvent> Decide(Run run, ClearTasks clear, OutputValues? outputs = null)
    {
        var (by, note, at) = clear.Actor;
        if (clear.Key is not null && Existing(run).ClearKey == clear.Key)
            return [];
        if (clear.Latest is { } latest && latest.Version != Existing(run).Queued!.DagVersion)
            return RunReplans.Decide(run, clear, latest, outputs);
        return clear.Selection.ToClear(Existing(run)) is { Count: > 0 } tasks
            ? new RunProgress(run, at, outputs ?? new()).Clear(tasks, by, note, clear.Key).Complete()
            : [];
    }

    /// <summary>Notes something about a run.</summary>
    /// <returns>No events when it is noted already.</returns>
    public static IReadOnlyList<RunEvent> Decide(Run run, NoteRun note) =>
        Existing(run).Note == note.Note ? [] : [new RunNoted(note.Note, note.Actor.By, note.Actor.At)];

    /// <summary>Notes something about tasks.</summary>
    /// <returns>No events when it is noted already.</returns>
    /// <exception cref="RejectedException"><c>unknown_task</c></exception>
    public static IReadOnlyList<RunEvent> Decide(Run run, NoteTasks note) =>
        [
            .. note
                .Selection.In(Existing(run))
                .Where(x => run.Tasks[x.TaskId].Note != note.Note)
                .Select(x => new TaskNoted(x.TaskId, note.Note, note.Actor.By, note.Actor.At)),
        ];

    static IReadOnlyList<RunEvent> Stop(Run run, StopReason reason, Actor actor, OutputValues? outputs) =>
        new RunProgress(run, actor.At, outputs ?? new()).Stop(reason, failed: null, actor.By, actor.Note).Complete();

    static bool IsMarkedWithRun(TaskSpec spec, TaskInstance task) =>
        spec.Role is TaskRole.Teardown
            ? task.State is TaskState.Failed or TaskState.UpstreamFailed
            : task.State is not TaskState.Success;

    static Run Existing(Run run) =>
        run.Queued is null ? throw new RejectedException("unknown_run", "There is no such run") : run;
}
