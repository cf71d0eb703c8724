using System.Globalization;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Messages;

/// <summary>
/// Everything this service has given up: messages in its error queues, and events that could not be published. Counted
/// where they are kept, so the count survives a restart. It falls when a person retries or discards, and when they are
/// older than <c>Retention__GivenUpMessages</c>.
/// </summary>
public sealed class GivenUpMessages
{
    const string EventPrefix = "event~";

    /// <summary>Most messages listed of one queue, and most events.</summary>
    public const int Listed = 100;

    readonly string prefix;
    readonly ErrorQueues queues;
    readonly UnpublishableEvents events;
    readonly EventLog log;
    readonly IEventPublisher publisher;

    internal GivenUpMessages(
        string service,
        ErrorQueues queues,
        UnpublishableEvents events,
        EventLog log,
        IEventPublisher publisher
    )
    {
        (prefix, this.queues, this.events) = ($"{service}:", queues, events);
        (this.log, this.publisher) = (log, publisher);
    }

    /// <summary>How many there are.</summary>
    public async Task<long> Count(CancellationToken cancellationToken) =>
        await events.Count(cancellationToken) + await queues.Count(cancellationToken);

    /// <summary>The oldest of them.</summary>
    public async Task<GivenUpList> List(CancellationToken cancellationToken) =>
        new(
            [
                .. (await events.List(Listed, cancellationToken)).Select(Describe).Select(Named),
                .. (await queues.List(Listed, cancellationToken)).Select(Named),
            ],
            await Count(cancellationToken)
        );

    /// <summary>Handles or publishes them again, each under its own message id.</summary>
    /// <param name="id">Which one; null for all.</param>
    /// <param name="cancellationToken">Ends it between two messages.</param>
    /// <exception cref="RejectedException">There is no such message, or the event still cannot be
    /// published.</exception>
    public async Task<GivenUpResult> Retry(string? id, CancellationToken cancellationToken) =>
        Done(
            id,
            EventOf(id) is { } sequence ? await Publish(sequence, cancellationToken)
                : id is not null ? await queues.Retry(Unnamed(id), cancellationToken)
                : await PublishAll(cancellationToken) + await queues.Retry(id: null, cancellationToken)
        );

    /// <summary>Removes them for good.</summary>
    /// <param name="id">Which one; null for all.</param>
    /// <param name="cancellationToken">Ends it between two messages.</param>
    /// <exception cref="RejectedException">There is no such message.</exception>
    public async Task<GivenUpResult> Discard(string? id, CancellationToken cancellationToken) =>
        Done(
            id,
            EventOf(id) is { } sequence
                ? await events.Remove(sequence, cancellationToken)
                    ? 1
                    : 0
                : id is not null
                    ? await queues.Discard(id, cancellationToken)
                    : await events.RemoveAll(cancellationToken) + await queues.Discard(id: null, cancellationToken)
        );

    // One that still cannot be published stays in the list and does not hold up the others.
    async Task<int> PublishAll(CancellationToken cancellationToken)
    {
        var published = 0;
        foreach (var e in await events.List(int.MaxValue, cancellationToken))
            try
            {
                published += await Publish(e.Sequence, cancellationToken);
            }
            catch (RejectedException) { }
        return published;
    }

    async Task<int> Publish(long sequence, CancellationToken cancellationToken)
    {
        if (!await events.Contains(sequence, cancellationToken))
            return 0;
        foreach (var (_, e, unreadable) in await log.Load([sequence], cancellationToken))
            try
            {
                await publisher.Publish(e ?? throw unreadable!, cancellationToken);
            }
            catch (Exception cause) when (!PublishFailure.MayPass(cause))
            {
                var reason = PlainText.Of(cause.Message, GivenUpMessage.MaxReason);
                throw new RejectedException("still_unpublishable", $"Event {sequence} cannot be published: {reason}");
            }
        return await events.Remove(sequence, cancellationToken) ? 1 : 0;
    }

    static GivenUpResult Done(string? id, int count) =>
        count == 0 && id is not null
            ? throw new RejectedException(
                "unknown_message",
                $"There is no given-up message '{PlainText.Of(id, 200)}'. "
                    + "'nightshift messages list --given-up' lists them."
            )
            : new(count);

    GivenUpMessage Named(GivenUpMessage message) => message with { Id = prefix + message.Id };

    // What does not name this service names no message of it.
    string Unnamed(string id) => id.StartsWith(prefix, StringComparison.Ordinal) ? id[prefix.Length..] : "";

    long? EventOf(string? id) =>
        id is not null
        && Unnamed(id) is var own
        && own.StartsWith(EventPrefix, StringComparison.Ordinal)
        && long.TryParse(own[EventPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? sequence
            : null;

    internal static GivenUpMessage Describe(UnpublishableEvent e) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"{EventPrefix}{e.Sequence}"),
            "event",
            e.Type,
            e.StreamId ?? "",
            e.GivenUpAt.ToUniversalTime(),
            PlainText.Of(e.Reason, GivenUpMessage.MaxReason),
            Excerpt: "",
            Bytes: 0
        );
}
