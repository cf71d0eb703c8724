using Nightshift.Escalation.Tiers;

namespace Nightshift.Escalation.Channels;

/// <summary>One structured line per tier, each tier louder than the one before: warning, error, critical.</summary>
public sealed class LogChannel(ILogger<LogChannel> log) : IChannel
{
    /// <inheritdoc/>
    public string Name => ChannelNames.Log;

    /// <inheritdoc/>
    public Task<string?> Notify(Notice notice, CancellationToken cancellationToken)
    {
        var level = notice.Tier switch
        {
            1 => LogLevel.Warning,
            2 => LogLevel.Error,
            _ => LogLevel.Critical,
        };
        Log.Incident(
            log,
            level,
            notice.IncidentId,
            notice.Tier,
            notice.Tiers,
            notice.Summary,
            notice.Why,
            notice.Failures,
            notice.CaseId
        );
        return Task.FromResult<string?>(null);
    }
}
