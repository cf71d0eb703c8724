using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary>The file of a DAG says this now.</summary>
public sealed record PublishDag(DagSpec Spec, string File, DateTimeOffset At);

/// <summary>The file of a DAG is gone.</summary>
public sealed record WithdrawDag(string File, DateTimeOffset At);

/// <summary>Runs were made for these ticks; all up to <paramref name="Until"/> are settled.</summary>
public sealed record PassTicks(IReadOnlyList<DateTimeOffset> Ran, DateTimeOffset Until, DateTimeOffset At);

/// <summary>The rules of a DAG's versions and of its schedule.</summary>
public static class DagDecider
{
    /// <summary>Most runs one tick timer makes; the rest come with the next, at once.</summary>
    public const int TicksAtOnce = 500;

    /// <summary>Makes a version live.</summary>
    /// <returns>No events when it is live already.</returns>
    /// <exception cref="RejectedException"><c>dag_taken</c>: another file defines this DAG.</exception>
    public static IReadOnlyList<DagEvent> Decide(Dag dag, PublishDag publish)
    {
        var version = publish.Spec.Version();
        if (dag.Live && dag.File != publish.File)
            throw new RejectedException(
                "dag_taken",
                $"DAG '{publish.Spec.DagId}' is already defined by {dag.File}; give this one another name"
            );
        if (dag.Live && dag.Version == version)
            return [];
        // An edit that leaves the schedule alone must not swallow ticks that are due.
        var next =
            dag.Live && dag.Spec?.Schedule == publish.Spec.Schedule
                ? dag.NextTick
                : publish.Spec.Schedule?.TickAfter(publish.At);
        return [new DagPublished(publish.Spec, version, publish.File, next, publish.At)];
    }

    /// <summary>Takes a DAG out of service.</summary>
    /// <returns>No events when it is not live, or another file defines it now.</returns>
    public static IReadOnlyList<DagEvent> Decide(Dag dag, WithdrawDag withdraw) =>
        dag.Live && dag.File == withdraw.File ? [new DagWithdrawn(withdraw.At)] : [];

    /// <summary>The ticks to run now: all that are due when the schedule catches up, else the latest.</summary>
    public static IReadOnlyList<DateTimeOffset> DueTicks(Dag dag, DateTimeOffset now) =>
        dag switch
        {
            { Live: true, NextTick: { } first, Spec.Schedule: { Catchup: true } schedule } => schedule.Ticks(
                first,
                now,
                TicksAtOnce
            ),
            { Live: true, NextTick: { } first, Spec.Schedule: { } schedule } when first <= now =>
            [
                schedule.LatestTick(first, now),
            ],
            _ => [],
        };

    /// <summary>Notes which ticks were run and when the next is due.</summary>
    /// <returns>No events when they were noted before.</returns>
    public static IReadOnlyList<DagEvent> Decide(Dag dag, PassTicks pass) =>
        dag is { Live: true, NextTick: { } next, Spec.Schedule: { } schedule } && next <= pass.Until
            ? [new TicksPassed(pass.Ran, pass.Until, schedule.TickAfter(pass.Until), pass.At)]
            : [];
}
