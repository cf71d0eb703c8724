using System.Text.Json.Serialization;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Schedules;

namespace Nightshift.Scheduler.Dags;

/// <summary>One DAG, folded from its events.</summary>
/// <param name="Spec">The live version's content; the last one when withdrawn; null before the first.</param>
/// <param name="Version">Its hash.</param>
/// <param name="File">The file it came from.</param>
/// <param name="Live">False when the file is gone.</param>
/// <param name="WithdrawnAt">When the file went (UTC); null while it is live.</param>
/// <param name="ExplainedUntil">The last tick without a run that an event explains (UTC); null for none.</param>
public sealed record Dag(
    DagSpec? Spec,
    string Version,
    string File,
    bool Live,
    DateTimeOffset? WithdrawnAt,
    DateTimeOffset? ExplainedUntil
)
{
    /// <summary>The purpose of the timer that wakes a schedule.</summary>
    public const string TickTimer = "tick";

    /// <summary>The purpose of the timer that admits queued runs.</summary>
    public const string AdmissionTimer = "admission";

    /// <summary>Its schedule makes no runs, and other runs are queued.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsPaused { get; init; }

    /// <summary>True when a person deleted it and no file has defined it since.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Deleted { get; init; }

    /// <summary>Before the first event.</summary>
    public static Dag None { get; } = new(null, "", "", Live: false, null, null);

    /// <summary>
    /// How DAG streams are named, folded and timed. The timer only wakes the schedule; its <see cref="TickCursor"/>
    /// says what is due, and is written in the same transaction.
    /// </summary>
    public static StreamDefinition<Dag> Stream { get; } =
        new("dag-", typeof(DagEvent), None, Evolve)
        {
            Timers = (_, e) =>
                e switch
                {
                    DagPublished { Resumes: true } x => [new TimerChange.At(TickTimer, x.At)],
                    DagPublished { NextTick: { } tick } => [new TimerChange.At(TickTimer, tick)],
                    DagUnpaused x =>
                    [
                        new TimerChange.At(TickTimer, x.At),
                        new TimerChange.In(AdmissionTimer, TimeSpan.Zero),
                    ],
                    DagPublished or DagWithdrawn or DagDeleted => [new TimerChange.Off(TickTimer)],
                    _ => [],
                },
        };

    /// <summary>The state after one more event.</summary>
    public static Dag Evolve(Dag dag, object @event) =>
        @event switch
        {
            DagPublished x => new(x.Spec, x.Version, x.File, Live: true, WithdrawnAt: null, dag.ExplainedUntil)
            {
                IsPaused = dag.IsPaused,
            },
            DagPaused => dag with { IsPaused = true },
            DagUnpaused => dag with { IsPaused = false },
            DagWithdrawn x => dag with { Live = false, WithdrawnAt = x.At },
            TicksSkipped x => dag with { ExplainedUntil = x.Last },
            TicksRefused x => dag with { ExplainedUntil = x.Last },
            DagDeleted => None with { Deleted = true },
            _ => dag,
        };
}
