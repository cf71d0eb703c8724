namespace Nightshift.Escalation.Channels;

/// <summary>What a channel is told.</summary>
/// <param name="IncidentId">The incident.</param>
/// <param name="Epoch">Which opening of it.</param>
/// <param name="Tier">The tier that began.</param>
/// <param name="Tiers">How many there are.</param>
/// <param name="Summary">What failed.</param>
/// <param name="Why">Why healing stopped.</param>
/// <param name="CaseId">The healer's case.</param>
/// <param name="Failures">How often it failed in this opening.</param>
/// <param name="RaisedAt">When it was raised (UTC).</param>
public sealed record Notice(
    string IncidentId,
    int Epoch,
    int Tier,
    int Tiers,
    string Summary,
    string Why,
    string CaseId,
    int Failures,
    DateTimeOffset? RaisedAt
);

/// <summary>A way to reach people without leaving the machine.</summary>
public interface IChannel
{
    /// <summary>As named in the settings.</summary>
    string Name { get; }

    /// <summary>Tells it.</summary>
    /// <returns>Null when it was told, else why not, in one line.</returns>
    Task<string?> Notify(Notice notice, CancellationToken cancellationToken);
}
