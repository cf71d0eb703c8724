using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Runs;
using Nightshift.Timetables;

namespace Nightshift.Scheduler.Schedules;

/// <summary>
/// Turns ticks into runs. The runs are made first and the cursor moved after: a crash between the two makes the same
/// runs again, which their ids forbid.
/// </summary>
public sealed class TickTimers(
    DagCatalog catalog,
    TickCursors cursors,
    StreamStore<Dag> dags,
    RunStore runs,
    RunAdmission admission,
    DiskSpace disk,
    ILogger<TickTimers> log,
    TimeProvider clock
) : ITimerHandler
{
    /// <summary>
    /// A schedule that stands still is looked at again this often: another version of the program may know its zone.
    /// </summary>
    public static readonly TimeSpan ProblemRetryPeriod = TimeSpan.FromHours(1);

    static readonly Dictionary<string, string> NoTrigger = [];
    static readonly Dictionary<string, string?> NoParams = [];

    /// <inheritdoc/>
    public string Prefix => Dag.Stream.Prefix;

    /// <inheritdoc/>
    public async Task Fire(TimerDue timer, CancellationToken cancellationToken)
    {
        if (timer.Purpose == Dag.AdmissionTimer)
        {
            await admission.Admit(timer.StreamId[Prefix.Length..], cancellationToken);
            return;
        }
        var (dag, cursor) = await catalog.FindScheduled(timer.StreamId, cancellationToken);
        if (dag is not { Live: true, IsPaused: false, Spec.Schedule: { } schedule } || cursor is null)
            return;
        disk.RequireRoom(); // the tick waits
        try
        {
            if (await Room(dag.Spec, cursor, timer.Now, cancellationToken) is > 0 and var room)
                await Run(dag, cursor, TickDecider.Decide(schedule, cursor, timer.Now, room), cancellationToken);
        }
        catch (RejectedException e) // no next tick can be found: say so, and do not try it over and over
        {
            Log.ScheduleStandsStill(log, dag.Spec.DagId, e.Message);
            var wakeUp = new TimerChange.In(Dag.TickTimer, ProblemRetryPeriod);
            await cursors.Move(
                cursor,
                cursor with
                {
                    Problem = e.Message,
                    ProblemCode = e.Code,
                },
                wakeUp,
                cancellationToken
            );
        }
    }

    // As in Airflow, a DAG that is at its limit makes no further runs: the tick waits until one ends, which wakes it.
    // The same while a run waits for another DAG: ticks do not pile up behind it.
    // The net is armed first, so that it does not replace that wake-up.
    async Task<int> Room(DagSpec dag, TickCursor cursor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (
            dag is not { Schedule: { } schedule }
            || dag is { MaxActiveRuns: null, Requires: null }
            || !(TickDecider.DueAt(schedule, cursor) <= now)
        )
            return TickDecider.RunsAtOnce;
        await cursors.Wake(cursor, new TimerChange.In(Dag.TickTimer, RunAdmission.SafetyPeriod), cancellationToken);
        return dag.Requires is not null && await admission.HasWaiting(dag.DagId, cancellationToken) ? 0
            : dag.MaxActiveRuns is { } limit ? await admission.RoomForTicks(dag.DagId, limit, cancellationToken)
            : TickDecider.RunsAtOnce;
    }

    async Task Run(Dag dag, TickCursor cursor, DueRuns due, CancellationToken cancellationToken)
    {
        var problems = await Task.WhenAll(due.Runs.Select(run => Start(dag, run, cancellationToken)));
        var refused = due.Runs.Select(x => x.RunAfter).Zip(problems).Where(x => x.Second is not null).ToList();
        if (due.Skipped is var (first, last))
            await Note(dag, new NoteSkippedTicks(first, last, clock.GetUtcNow()), DagDecider.Decide, cancellationToken);
        if (refused is [var (tick, why), ..] && why!.Code != cursor.ProblemCode)
            await Note(
                dag,
                new NoteRefusedTicks(tick, refused[^1].First, why.Message, clock.GetUtcNow()),
                DagDecider.Decide,
                cancellationToken
            );
        var problem = problems.LastOrDefault();
        var schedule = dag.Spec!.Schedule!;
        // The run that was refused would have been what a continuous schedule goes on from.
        var after = problem is not null && schedule.IsContinuous ? cursor : due.After;
        await cursors.Move(
            cursor,
            after with
            {
                Problem = problem?.Message,
                ProblemCode = problem?.Code,
            },
            after == cursor && problem is not null
                ? new TimerChange.In(Dag.TickTimer, ProblemRetryPeriod)
                : TickTimer(schedule, after),
            cancellationToken
        );
    }

    // Logical dates tell runs apart, save those of a continuous schedule, whose second begins where the first did.
    static RunId IdOf(DagSpec dag, PlannedRun run) =>
        RunId.Scheduled(dag.DagId, dag.Schedule!.IsContinuous ? run.RunAfter : run.Interval.Start);

    /// <summary>The timer that wakes a schedule for its next run.</summary>
    internal static TimerChange TickTimer(Schedule schedule, TickCursor cursor) =>
        TickDecider.DueAt(schedule, cursor) is { } due
            ? new TimerChange.At(Dag.TickTimer, due)
            : new TimerChange.Off(Dag.TickTimer);

    Task Note<TNote>(
        Dag dag,
        TNote note,
        Func<Dag, TNote, IReadOnlyList<DagEvent>> decide,
        CancellationToken cancellationToken
    ) => dags.Transact(dag.Spec!.DagId, x => decide(x, note), cancellationToken);

    // Null when the run was made, now or before; else why it never will be.
    async Task<RejectedException?> Start(Dag dag, PlannedRun run, CancellationToken cancellationToken)
    {
        var (logicalDate, end) = (run.Interval.Start, run.Interval.End);
        var spec = dag.Spec!;
        var runId = IdOf(spec, run);
        var start = new StartRun(
            runId,
            spec,
            dag.Version,
            RunType.Scheduled,
            "schedule",
            logicalDate,
            new(logicalDate, end),
            NoParams,
            NoTrigger,
            clock.GetUtcNow()
        )
        {
            IsContinuous = spec.Schedule!.IsContinuous,
        };
        try
        {
            await runs.Transact(
                runId.Value,
                (x, values) => RunDecider.Decide(x, start, values),
                cancellationToken,
                expectNew: true
            );
            return null;
        }
        catch (RejectedException e) // the schedule goes on: the DAG's next version may do better
        {
            Log.TickRefused(log, run.RunAfter, spec.DagId, e.Message);
            return e;
        }
    }
}
