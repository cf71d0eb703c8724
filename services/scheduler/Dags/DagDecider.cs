using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Schedules;
using Nightshift.Timetables;

namespace Nightshift.Scheduler.Dags;

/// <summary>The file of a DAG says this now.</summary>
/// <param name="Spec">What it says.</param>
/// <param name="File">The file's name inside the DAGs folder.</param>
/// <param name="At">When it was read (UTC).</param>
/// <param name="MovedFrom">The file that defined this DAG before, when that is gone; null otherwise.</param>
public sealed record PublishDag(DagSpec Spec, string File, DateTimeOffset At, string? MovedFrom = null);

/// <summary>The file of a DAG is gone.</summary>
public sealed record WithdrawDag(string File, DateTimeOffset At);

/// <summary>The DAG and its runs are to be forgotten.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="By">Who: the name of the caller's token.</param>
/// <param name="At">When (UTC).</param>
public sealed record DeleteDag(string DagId, string By, DateTimeOffset At);

/// <summary>These ticks became no runs because the schedule does not catch up.</summary>
public sealed record NoteSkippedTicks(DateTimeOffset First, DateTimeOffset Last, DateTimeOffset At);

/// <summary>Ticks from the first to the last of these became no runs because those were refused.</summary>
public sealed record NoteRefusedTicks(DateTimeOffset First, DateTimeOffset Last, string Why, DateTimeOffset At);

/// <summary>Make no further runs. <paramref name="FailedRuns"/>: as in <see cref="DagPaused"/>.</summary>
public sealed record PauseDag(string? By, int? FailedRuns, DateTimeOffset At);

/// <summary>Make runs again.</summary>
public sealed record UnpauseDag(string By, DateTimeOffset At);

/// <summary>The rules of a DAG's versions. <see cref="TickDecider"/> has those of its schedule.</summary>
public static class DagDecider
{
    /// <summary>
    /// A DAG that comes back this soon was moved or saved in two steps, not taken out of service: its schedule goes on.
    /// </summary>
    public static readonly TimeSpan MoveGrace = TimeSpan.FromMinutes(1);

    /// <summary>Makes a version live.</summary>
    /// <returns>No events when it is live already.</returns>
    /// <exception cref="RejectedException"><c>dag_taken</c>: another file defines this DAG. <c>schedule_…</c>: no tick
    /// can be found, see <see cref="ScheduleTimetable.Timetable(Schedule)"/>.</exception>
    public static IReadOnlyList<DagEvent> Decide(Dag dag, PublishDag publish)
    {
        var (spec, file, at, movedFrom) = publish;
        if (dag.Live && dag.File != file && dag.File != movedFrom)
            throw new RejectedException(
                "dag_taken",
                $"DAG '{spec.DagId}' is already defined by {dag.File}; give this one another name"
            );
        var version = spec.Version();
        if (dag.Live && dag.Version == version && dag.File == file)
            return [];
        var resumes = Resumes(dag, spec.Schedule, at);
        var first = resumes ? null : spec.Schedule?.First(at);
        return
        [
            new DagPublished(spec, version, file, first?.RunAfter, resumes, at)
            {
                NextInterval = first?.Interval is { } x && x != DataInterval.At(first.RunAfter) ? x : null,
            },
        ];
    }

    /// <summary>Takes a DAG out of service.</summary>
    /// <returns>No events when it is not live, or another file defines it now.</returns>
    public static IReadOnlyList<DagEvent> Decide(Dag dag, WithdrawDag withdraw) =>
        dag.Live && dag.File == withdraw.File ? [new DagWithdrawn(withdraw.At)] : [];

    /// <summary>Pauses a DAG.</summary>
    /// <returns>No events when it is paused.</returns>
    /// <exception cref="RejectedException"><c>unknown_dag</c></exception>
    public static IReadOnlyList<DagEvent> Decide(Dag dag, PauseDag pause) =>
        Live(dag).IsPaused ? [] : [new DagPaused(pause.By, pause.FailedRuns, pause.At)];

    /// <summary>Unpauses a DAG.</summary>
    /// <returns>No events when it is not paused.</returns>
    /// <exception cref="RejectedException"><c>unknown_dag</c></exception>
    public static IReadOnlyList<DagEvent> Decide(Dag dag, UnpauseDag unpause) =>
        Live(dag).IsPaused ? [new DagUnpaused(unpause.By, unpause.At)] : [];

    static Dag Live(Dag dag) =>
        dag.Live
            ? dag
            : throw new RejectedException(
                "unknown_dag",
                "There is no such DAG; 'nightshift dags list' shows those there are"
            );

    /// <summary>Forgets a DAG whose file is gone.</summary>
    /// <returns>No events when it is deleted already.</returns>
    /// <exception cref="RejectedException"><c>unknown_dag</c>; <c>dag_live</c>: its file is there and would bring it
    /// back.</exception>
    public static IReadOnlyList<DagEvent> Decide(Dag dag, DeleteDag delete) =>
        dag.Deleted ? []
        : dag.Live
            ? throw new RejectedException(
                "dag_live",
                $"DAG '{delete.DagId}' is live; remove its file {dag.File} first, or it would come back"
            )
        : dag.Spec is null ? throw UnknownDag.Named(delete.DagId)
        : [new DagDeleted(delete.By, delete.At)];

    /// <summary>Explains ticks that were skipped.</summary>
    /// <returns>No events when an event explains them already.</returns>
    public static IReadOnlyList<DagEvent> Decide(Dag dag, NoteSkippedTicks note) =>
        dag.ExplainedUntil >= note.Last ? [] : [new TicksSkipped(note.First, note.Last, note.At)];

    /// <summary>Explains ticks whose runs were refused.</summary>
    /// <returns>No events when an event explains them already.</returns>
    public static IReadOnlyList<DagEvent> Decide(Dag dag, NoteRefusedTicks note) =>
        dag.ExplainedUntil >= note.Last ? [] : [new TicksRefused(note.First, note.Last, note.Why, note.At)];

    // An edit or a move must not swallow ticks that are due. A DAG that was out of service for long has missed its
    // ticks on purpose, unless it catches up.
    static bool Resumes(Dag dag, Schedule? schedule, DateTimeOffset at) =>
        schedule is not null
        && dag.Spec?.Schedule is { } before
        && schedule.HasTicksOf(before)
        && (dag.Live || schedule.Catchup || schedule.IsOnce || at - dag.WithdrawnAt <= MoveGrace);
}
