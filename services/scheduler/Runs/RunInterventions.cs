using System.Collections.Immutable;

namespace Nightshift.Scheduler.Runs;

/// <summary>What a person does to a run.</summary>
public sealed partial record Run
{
    // A person's word about the end of a run outlasts its timeout.
    Run Stop(RunStopped stopped) =>
        this with
        {
            Stopped = IsStoppedByPerson && stopped.By is null ? Stopped : stopped.Reason,
            EndedBy = stopped.By ?? EndedBy,
            Note = stopped.Note ?? Note,
        };

    Run Cancel(TaskCancelled x) =>
        Override(x.Task, TaskState.Failed, x.At, x.Note, FailureOf(TaskFailure.Cancelled, $"by {x.By}", x.Note), null);

    Run Mark(TaskMarked x) =>
        Override(
            x.Task,
            x.State,
            x.At,
            x.Note,
            x.State is TaskState.Failed ? FailureOf(TaskFailure.Marked, $"failed by {x.By}", x.Note) : null,
            x.State is TaskState.Skipped ? new(SkipReason.Marked, x.By) : null
        );

    // The end that a person gives a task, whatever end it had.
    Run Override(string task, TaskState state, DateTimeOffset at, string? note, TaskFailure? failure, TaskSkip? skip) =>
        Uncount(task).End(task, state, at, t => t with { Failure = failure, Skip = skip, Note = note ?? t.Note });

    Run Clear(TasksCleared cleared)
    {
        var run = Reopened(cleared.At) with { ClearKey = cleared.Key, Note = cleared.Note ?? Note };
        foreach (var (task, _, _) in cleared.Tasks)
            run = run.ResetWithOutputs(task);
        return (cleared.MappedAgain ?? []).Aggregate(run, (x, task) => x.Unmap(task));
    }

    Run ResetWithOutputs(string task) =>
        Reset(task)
            .With(
                task,
                t =>
                    t with
                    {
                        StartedAt = null,
                        Outputs = ImmutableDictionary<string, string>.Empty,
                        StoredOutputs = null,
                        JsonOutputs = null,
                    }
            );

    static string WhyStopped(StopReason reason) =>
        reason switch
        {
            StopReason.Cancelled => "the run was cancelled",
            StopReason.MarkedFailed => "the run was marked failed",
            _ => "another task failed",
        };

    static TaskFailure FailureOf(string reason, string who, string? note) =>
        TaskFailure.Of(reason, note is null ? who : $"{who}: {note}");
}
