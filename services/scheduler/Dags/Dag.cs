using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Scheduler.Dags;

/// <summary>One DAG, folded from its events.</summary>
/// <param name="Spec">The live version's content; the last one when withdrawn; null before the first.</param>
/// <param name="Version">Its hash.</param>
/// <param name="File">The file it came from.</param>
/// <param name="Live">False when the file is gone.</param>
/// <param name="NextTick">When it runs next by itself (UTC).</param>
public sealed record Dag(DagSpec? Spec, string Version, string File, bool Live, DateTimeOffset? NextTick)
{
    /// <summary>The purpose of the timer that wakes a schedule.</summary>
    public const string TickTimer = "tick";

    /// <summary>Before the first event.</summary>
    public static Dag None { get; } = new(null, "", "", false, null);

    /// <summary>How DAG streams are named, folded and timed.</summary>
    public static StreamDefinition<Dag> Stream { get; } =
        new("dag-", typeof(DagEvent), None, Evolve)
        {
            Timers = (dag, e) =>
                e switch
                {
                    DagPublished or TicksPassed when dag.NextTick is { } tick => [new TimerChange.At(TickTimer, tick)],
                    DagPublished or DagWithdrawn or TicksPassed => [new TimerChange.Off(TickTimer)],
                    _ => [],
                },
        };

    /// <summary>The state after one more event.</summary>
    public static Dag Evolve(Dag dag, object @event) =>
        @event switch
        {
            DagPublished x => new(x.Spec, x.Version, x.File, Live: true, x.NextTick),
            DagWithdrawn => dag with { Live = false, NextTick = null },
            TicksPassed x => dag with { NextTick = x.NextTick },
            _ => dag,
        };
}
