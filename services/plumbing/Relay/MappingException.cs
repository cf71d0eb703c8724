namespace Nightshift.Plumbing.Relay;

/// <summary>An event could not be turned into its messages: a bug, not the broker's fault.</summary>
public sealed class MappingException(string eventType, Exception cause)
    : Exception($"The mapping of {eventType} failed: {cause.Message}", cause);
