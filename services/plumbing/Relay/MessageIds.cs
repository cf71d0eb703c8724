namespace Nightshift.Plumbing.Relay;

/// <summary>Message ids that are the same whenever, and by whomever, an event is published.</summary>
public static class MessageIds
{
    /// <summary>
    /// The id of an event's message number <paramref name="index"/>: the event's own id for the first.
    /// </summary>
    public static Guid Of(Guid eventId, int index)
    {
        if (index == 0)
            return eventId;
        Span<byte> bytes = stackalloc byte[16];
        eventId.TryWriteBytes(bytes);
        for (var i = 0; i < 4; i++)
            bytes[12 + i] ^= (byte)(index >> (8 * i));
        return new Guid(bytes);
    }
}
