using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// Turns ticks into runs. The runs are made first and the cursor moved after: a crash between the two makes the same
/// runs again, which their ids forbid.
/// </summary>
public sealed class TickTimers(
    DagCatalog catalog,
    TickCursors cursors,
    StreamStore<Dag> dags,
    StreamStore<Run> runs,
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
        var (dag, cursor) = await catalog.FindScheduled(timer.StreamId, cancellationToken);
        if (dag is not { Live: true, Spec.Schedule: { } schedule } || cursor is null)
            return;
        disk.RequireRoom(); // the tick waits
        try
        {
            await Run(dag, cursor, TickDecider.Decide(schedule, cursor, timer.Now), cancellationToken);
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

    async Task Run(Dag dag, TickCursor cursor, DueTicks due, CancellationToken cancellationToken)
    {
        var problems = await Task.WhenAll(due.Ticks.Select(tick => Start(dag, tick, cancellationToken)));
        var refused = due.Ticks.Zip(problems).Where(x => x.Second is not null).ToList();
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
        var after = due.After with { Problem = problem?.Message, ProblemCode = problem?.Code };
        TimerChange wakeUp = after.NextTick is { } next
            ? new TimerChange.At(Dag.TickTimer, next)
            : new TimerChange.Off(Dag.TickTimer);
        await cursors.Move(cursor, after, wakeUp, cancellationToken);
    }

    Task Note<TNote>(
        Dag dag,
        TNote note,
        Func<Dag, TNote, IReadOnlyList<DagEvent>> decide,
        CancellationToken cancellationToken
    ) => dags.Transact(dag.Spec!.DagId, x => decide(x, note), cancellationToken);

    // Null when the run was made, now or before; else why it never will be.
    async Task<RejectedException?> Start(Dag dag, DateTimeOffset tick, CancellationToken cancellationToken)
    {
        var runId = RunId.Scheduled(dag.Spec!.DagId, tick);
        var start = new StartRun(
            runId,
            dag.Spec,
            dag.Version,
            RunType.Scheduled,
            "schedule",
            tick,
            new(tick, tick),
            NoParams,
            NoTrigger,
            clock.GetUtcNow()
        );
        try
        {
            await runs.Transact(runId.Value, run => RunDecider.Decide(run, start), cancellationToken);
            return null;
        }
        catch (RejectedException e) // the schedule goes on: the DAG's next version may do better
        {
            Log.TickRefused(log, tick, dag.Spec.DagId, e.Message);
            return e;
        }
    }
}
