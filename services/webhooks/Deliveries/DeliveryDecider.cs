using System.Collections.Immutable;
using Nightshift.Plumbing.Streams;
using Nightshift.Webhooks.Matching;

namespace Nightshift.Webhooks.Deliveries;

/// <summary>A verified delivery, as it came.</summary>
public sealed record ReceiveDelivery(DeliveryReceived Delivery);

/// <summary>Judge a delivery against the DAGs' triggers.</summary>
/// <param name="Push">The push it tells of; null when it is no push, or one without repository or ref.</param>
/// <param name="KnownShape">As in <see cref="DeliveryMatched"/>.</param>
/// <param name="Dags">The triggers of every DAG known now.</param>
/// <param name="HonourSkipMarks">Whether <c>[skip ci]</c> and its kin in the head commit's message start
/// nothing.</param>
/// <param name="At">Now (UTC).</param>
public sealed record JudgeDelivery(
    Push? Push,
    bool? KnownShape,
    IReadOnlyList<DagTriggers> Dags,
    bool HonourSkipMarks,
    DateTimeOffset At
);

/// <summary>The rules of a delivery: recorded once, judged once.</summary>
public static class DeliveryDecider
{
    /// <summary>
    /// How long a push waits for the first DAG to become known. Right after a first installation the scheduler may
    /// still be reading its files.
    /// </summary>
    public static readonly TimeSpan MaxHold = TimeSpan.FromMinutes(1);

    static readonly TimeSpan FirstHold = TimeSpan.FromSeconds(1);

    /// <summary>Records a delivery.</summary>
    /// <returns>No events when it is recorded already: GitHub delivers again under the same GUID.</returns>
    /// <exception cref="RejectedException"><c>delivery_conflict</c>: the hook used the GUID with another
    /// body.</exception>
    public static IReadOnlyList<DeliveryEvent> Decide(Delivery delivery, ReceiveDelivery command) =>
        delivery.Received switch
        {
            null => [command.Delivery],
            { } known when known.BodySha256 == command.Delivery.BodySha256 => [],
            _ => throw new RejectedException(
                "delivery_conflict",
                $"Delivery {DeliveryKey.Of(command.Delivery)} was received before with another body"
            ),
        };

    /// <summary>
    /// The delivery that brought a push's very body before; null when it is no replay. A push's body holds its time and
    /// its commits, so GitHub makes no two alike; an old one posted again under new headers starts nothing. Other
    /// events may be alike, such as two pings, and start nothing anyway. What is sent as another event first and as a
    /// push afterwards is a replay too.
    /// </summary>
    public static string? ReplayOf(DeliveryReceived delivery) => delivery.Event == "push" ? delivery.SameBodyAs : null;

    /// <summary>Judges a delivery.</summary>
    /// <returns>No events when it is judged already, or still held.</returns>
    public static IReadOnlyList<DeliveryEvent> Decide(Delivery delivery, JudgeDelivery command)
    {
        if (delivery is not { Status: DeliveryStatus.Received, Received: { } received })
            return [];
        if (received.Event != "push")
            return [Ignore($"No DAG is started by the event {received.Event}", [], command)];
        if (ReplayOf(received) is { } earlier)
            return [Ignore($"A replay: delivery {earlier} had the same body", [], command)];
        if (command.Push is not { } push)
            return [Ignore("The payload names no repository and ref", [], command)];
        if (PushMatcher.Exclusion(push, command.HonourSkipMarks) is { } why)
            return [Ignore(why, [], command)];
        if (command.Dags.Count > 0)
            return [Settle(received, push, command)];
        if (command.At < delivery.HeldUntil)
            return [];
        var waited = command.At - received.At;
        return waited < MaxHold
            // each hold as long as the wait so far
            ? [new DeliveryHeld(command.At + (waited > FirstHold ? waited : FirstHold), command.At)]
            : [Ignore("No DAG is known", [], command)];
    }

    static DeliveryEvent Settle(DeliveryReceived received, Push push, JudgeDelivery command)
    {
        ImmutableList<DagVerdict> verdicts =
        [
            .. command.Dags.OrderBy(x => x.Id, StringComparer.Ordinal).Select(x => PushMatcher.Judge(x, push)),
        ];
        ImmutableList<TriggeredRun> runs =
        [
            .. verdicts.Where(x => x.Matched).Select(x => Run(x.DagId, received.DeliveryId, push)),
        ];
        return runs.IsEmpty
            ? Ignore("No DAG's triggers match", verdicts, command)
            : new DeliveryMatched(runs, verdicts, command.KnownShape, command.At);
    }

    static TriggeredRun Run(string dagId, string deliveryId, Push push) =>
        new(
            $"push__{dagId}__{deliveryId}",
            dagId,
            $"push {push.Repository} {push.Branch}",
            ImmutableSortedDictionary.CreateRange(
                StringComparer.Ordinal,
                new Dictionary<string, string>
                {
                    ["event"] = "push",
                    ["repository"] = push.Repository,
                    ["branch"] = push.Branch ?? "",
                    ["sha"] = push.Sha,
                    ["sender"] = push.Sender,
                }
            )
        );

    static DeliveryIgnored Ignore(string reason, ImmutableList<DagVerdict> verdicts, JudgeDelivery command) =>
        new(reason, verdicts, command.KnownShape, command.At);
}
