using System.Collections.Immutable;

namespace Nightshift.Webhooks.Deliveries;

/// <summary>A fact about one delivery. Stored for ever: add properties, never rename or repurpose one.</summary>
public abstract record DeliveryEvent(DateTimeOffset At);

/// <summary>GitHub delivered this, signed with our secret. The raw body was committed with it.</summary>
/// <param name="DeliveryId">GitHub's GUID.</param>
/// <param name="Event">The event's name as GitHub gave it; may be one nobody knows yet.</param>
/// <param name="Action">The payload's <c>action</c>; null for events without one, such as a push.</param>
/// <param name="Repository"><c>owner/name</c>; null when the payload names none.</param>
/// <param name="Ref">Full ref of a push, e.g. <c>refs/heads/main</c>; null for anything else.</param>
/// <param name="Sender">Login of whoever caused the event; null when GitHub does not say.</param>
/// <param name="ContentType">As sent; says how the body is to be read.</param>
/// <param name="Headers">GitHub's headers. Never a signature: with it and the body anybody could deliver
/// again.</param>
/// <param name="BodySha256">SHA-256 of the raw body, lower-case hex.</param>
/// <param name="BodyBytes">Length of the raw body.</param>
/// <param name="At">When it was received (UTC).</param>
public sealed record DeliveryReceived(
    string DeliveryId,
    string Event,
    string? Action,
    string? Repository,
    string? Ref,
    string? Sender,
    string ContentType,
    ImmutableSortedDictionary<string, string> Headers,
    string BodySha256,
    long BodyBytes,
    DateTimeOffset At
) : DeliveryEvent(At)
{
    static readonly string[] Signatures = ["X-Hub-Signature", "X-Hub-Signature-256"];

    /// <summary>As the parameter says; signatures that earlier versions stored are left out when it is read.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } =
        Headers.RemoveRange(Headers.Keys.Where(IsSignature));

    /// <summary>The number of the hook that delivered it; null when GitHub did not say.</summary>
    public string? HookId { get; init; }

    /// <summary>
    /// The key of another delivery that brought this very body before, within the window set by
    /// <c>Nightshift:Webhooks:ReplayWindow</c>; null when none did.
    /// </summary>
    public string? SameBodyAs { get; init; }

    static bool IsSignature(string header) => Signatures.Contains(header, StringComparer.OrdinalIgnoreCase);
}

/// <summary>No DAG is known yet, so nothing can be said about this push for now.</summary>
/// <param name="Until">When it is judged again (UTC).</param>
/// <param name="At">When (UTC).</param>
public sealed record DeliveryHeld(DateTimeOffset Until, DateTimeOffset At) : DeliveryEvent(At);

/// <summary>The delivery starts runs. They are fixed here: triggers that change later do not reach it.</summary>
/// <param name="Runs">The runs to start, at least one.</param>
/// <param name="Verdicts">Every known DAG with what was found, also those that do not match.</param>
/// <param name="KnownShape">False when the payload is not of the shape GitHub's published models have; the fields
/// needed were read all the same. Null when the payload is too large to be compared.</param>
/// <param name="At">When it was decided (UTC).</param>
public sealed record DeliveryMatched(
    ImmutableList<TriggeredRun> Runs,
    ImmutableList<DagVerdict> Verdicts,
    bool? KnownShape,
    DateTimeOffset At
) : DeliveryEvent(At);

/// <summary>The delivery starts nothing.</summary>
/// <param name="Reason">Why, for people.</param>
/// <param name="Verdicts">Every DAG that was looked at, with what was found; empty when the reason already excludes all
/// of them.</param>
/// <param name="KnownShape">As in <see cref="DeliveryMatched"/>.</param>
/// <param name="At">When it was decided (UTC).</param>
public sealed record DeliveryIgnored(
    string Reason,
    ImmutableList<DagVerdict> Verdicts,
    bool? KnownShape,
    DateTimeOffset At
) : DeliveryEvent(At);

/// <summary>One run a delivery starts.</summary>
/// <param name="RunId"><c>push__{DagId}__{DeliveryId}</c>: an event can start a DAG only once, however many
/// hooks deliver it.</param>
/// <param name="DagId">The DAG.</param>
/// <param name="Cause">As shown to people: <c>push acme/site main</c>.</param>
/// <param name="Trigger">What templates see as <c>trigger.*</c>.</param>
public sealed record TriggeredRun(
    string RunId,
    string DagId,
    string Cause,
    ImmutableSortedDictionary<string, string> Trigger
);

/// <summary>What was found about one DAG.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="Matched">True when the delivery starts it.</param>
/// <param name="Why">Which condition decided, for people.</param>
public sealed record DagVerdict(string DagId, bool Matched, string Why);
