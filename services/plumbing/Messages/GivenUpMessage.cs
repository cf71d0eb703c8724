namespace Nightshift.Plumbing.Messages;

/// <summary>Something a service could not do and no longer tries: a person retries or discards it.</summary>
/// <param name="Id">Names it in <c>retry</c> and <c>discard</c>: <c>service:queue~message id</c>, or
/// <c>service:event~number</c>.</param>
/// <param name="Kind"><c>message</c>: one that could not be handled. <c>event</c>: one that could not be
/// published.</param>
/// <param name="Type">The type of the message or event.</param>
/// <param name="Source">The queue it came from, or the stream of the event.</param>
/// <param name="At">When it was given up (UTC); null when that is not known.</param>
/// <param name="Reason">Why, in one line of at most 500 characters.</param>
/// <param name="Excerpt">The beginning of the message with possible secrets masked; empty for an event.</param>
/// <param name="Bytes">Size of the message; 0 for an event.</param>
public sealed record GivenUpMessage(
    string Id,
    string Kind,
    string Type,
    string Source,
    DateTimeOffset? At,
    string Reason,
    string Excerpt,
    int Bytes
)
{
    /// <summary>Longest reason, in characters.</summary>
    public const int MaxReason = 500;
}

/// <summary>What a service has given up.</summary>
/// <param name="Messages">The oldest of each queue.</param>
/// <param name="Total">How many there are, also beyond those listed.</param>
public sealed record GivenUpList(IReadOnlyList<GivenUpMessage> Messages, long Total);

/// <summary>What a retry or discard did.</summary>
/// <param name="Count">How many messages and events it was done to.</param>
public sealed record GivenUpResult(int Count);
