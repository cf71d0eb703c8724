using Nightshift.Escalation.Tiers;

namespace Nightshift.Escalation.Channels;

/// <summary>
/// The status page asks for a person as soon as this is recorded as told; there is nothing else to do.
/// </summary>
public sealed class StatusChannel : IChannel
{
    /// <inheritdoc/>
    public string Name => ChannelNames.Status;

    /// <inheritdoc/>
    public Task<string?> Notify(Notice notice, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
