using System.Text.Json.Serialization;
using JasperFx;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Dags;
using Nightshift.Timetables;

namespace Nightshift.Scheduler.Schedules;

/// <summary>
/// How far the schedule of a DAG has come. A row and no events: a tick changes it, and leaves a run behind. It stays
/// when the DAG is withdrawn, so that the schedule can go on from here.
/// </summary>
/// <param name="Id">The DAG's stream.</param>
/// <param name="NextTick">The next tick to run (UTC); null when there is none to come.</param>
/// <param name="SettledTick">The last tick that is done with, and with it all before (UTC); null before the
/// first.</param>
/// <param name="Problem">Why the last tick became no run, or why the schedule stands still, for people; null when all
/// is well.</param>
/// <param name="ProblemCode">The same for programs: the code of the rejection.</param>
public sealed record TickCursor(
    string Id,
    DateTimeOffset? NextTick,
    DateTimeOffset? SettledTick = null,
    string? Problem = null,
    string? ProblemCode = null
) : IRevisioned
{
    /// <summary>What the next run covers; null when that is its tick alone.</summary>
    public DataInterval? NextInterval { get; init; }

    /// <summary>What the last run covers; null when that is its tick alone.</summary>
    public DataInterval? SettledInterval { get; init; }

    /// <summary>The next run; null when there is none to come.</summary>
    [JsonIgnore]
    public PlannedRun? Next => NextTick is { } tick ? new(NextInterval ?? DataInterval.At(tick), tick) : null;

    /// <summary>What the last run covers; null before the first.</summary>
    [JsonIgnore]
    public DataInterval? Last => SettledInterval ?? (SettledTick is { } tick ? DataInterval.At(tick) : null);

    /// <summary>The cursor before a run.</summary>
    public TickCursor At(PlannedRun? next) => this with { NextTick = next?.RunAfter, NextInterval = Beyond(next) };

    /// <summary>The cursor once a run is made.</summary>
    public TickCursor Settled(PlannedRun run, PlannedRun? next) =>
        At(next) with
        {
            SettledTick = run.RunAfter,
            SettledInterval = Beyond(run),
        };

    static DataInterval? Beyond(PlannedRun? run) =>
        run is null || run.Interval == DataInterval.At(run.RunAfter) ? null : run.Interval;

    /// <summary>Counts the changes of the row, so that of two who change it at once the later one notices.</summary>
    public int Version { get; set; }
}

/// <summary>Where a published schedule begins, in the transaction of its event.</summary>
sealed partial class TickCursorProjection : EventProjection
{
    /// <inheritdoc/>
    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        if (e.Data is DagPublished { Resumes: false } x)
            operations.Store(new TickCursor(e.StreamKey!, x.NextTick) { NextInterval = x.NextInterval });
        if (e.Data is DagDeleted)
            operations.Delete<TickCursor>(e.StreamKey!);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Reads and moves <see cref="TickCursor"/>s.</summary>
public sealed class TickCursors(IDocumentStore store, TimerTable timers)
{
    /// <summary>Arms the timer, and leaves the cursor where it is.</summary>
    public Task Wake(TickCursor cursor, TimerChange wakeUp, CancellationToken cancellationToken) =>
        timers.Change(cursor.Id, wakeUp, cancellationToken);

    /// <summary>
    /// Puts the cursor where <paramref name="to"/> says and arms the timer, in one transaction. Does neither when the
    /// cursor has changed since it was read: whoever did that armed the timer for the new place.
    /// </summary>
    public async Task Move(TickCursor from, TickCursor to, TimerChange wakeUp, CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        session.UpdateRevision(to, from.Version + 1);
        var timer = timers.Row(from.Id, wakeUp);
        session.QueueSqlCommand(timer.Sql, [.. timer.Values]);
        try
        {
            await session.SaveChangesAsync(cancellationToken);
            timers.Committed([wakeUp]);
        }
        catch (ConcurrencyException) { } // moved by another instance, or by a new version of the DAG
    }
}
