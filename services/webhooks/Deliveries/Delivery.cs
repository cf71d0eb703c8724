using System.Collections.Immutable;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Webhooks.Deliveries;

/// <summary>How far a delivery has come.</summary>
public enum DeliveryStatus
{
    /// <summary>Not seen.</summary>
    None,

    /// <summary>Committed; not judged yet.</summary>
    Received,

    /// <summary>Started runs.</summary>
    Matched,

    /// <summary>Started nothing.</summary>
    Ignored,
}

/// <summary>One delivery as its events tell it.</summary>
public sealed record Delivery
{
    /// <summary>The timer of a held delivery.</summary>
    public const string HeldTimer = "held";

    /// <summary>Before the first event.</summary>
    public static readonly Delivery None = new();

    /// <summary>Streams <c>delivery-{hook}.{guid}</c>, see <see cref="DeliveryKey"/>.</summary>
    public static readonly StreamDefinition<Delivery> Stream = new(
        "delivery-",
        typeof(DeliveryEvent),
        None,
        (state, e) => state.Evolve(e)
    )
    {
        IsEnded = static x => x.Status is DeliveryStatus.Matched or DeliveryStatus.Ignored,
        Timers = static (_, e) => e is DeliveryHeld held ? [new TimerChange.At(HeldTimer, held.Until)] : [],
    };

    /// <summary>What was received; null before it was.</summary>
    public DeliveryReceived? Received { get; init; }

    /// <summary>How far it has come.</summary>
    public DeliveryStatus Status { get; init; }

    /// <summary>When a held delivery is judged again (UTC); null when it is not held.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>Why it started nothing; null when it did, or is not judged yet.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// False when the payload's shape is one the published models do not know; null before it is judged, and when it is
    /// too large to be compared.
    /// </summary>
    public bool? KnownShape { get; init; }

    /// <summary>The runs it started.</summary>
    public ImmutableList<TriggeredRun> Runs { get; init; } = [];

    /// <summary>What was found about each DAG.</summary>
    public ImmutableList<DagVerdict> Verdicts { get; init; } = [];

    /// <summary>When it was judged (UTC); null before.</summary>
    public DateTimeOffset? JudgedAt { get; init; }

    /// <summary>The state after one more event.</summary>
    public Delivery Evolve(object e) =>
        e switch
        {
            DeliveryReceived x => this with { Received = x, Status = DeliveryStatus.Received },
            DeliveryHeld x => this with { HeldUntil = x.Until },
            DeliveryMatched x => this with
            {
                Status = DeliveryStatus.Matched,
                Runs = x.Runs,
                Verdicts = x.Verdicts,
                KnownShape = x.KnownShape,
                HeldUntil = null,
                JudgedAt = x.At,
            },
            DeliveryIgnored x => this with
            {
                Status = DeliveryStatus.Ignored,
                Reason = x.Reason,
                Verdicts = x.Verdicts,
                KnownShape = x.KnownShape,
                HeldUntil = null,
                JudgedAt = x.At,
            },
            _ => this,
        };
}
