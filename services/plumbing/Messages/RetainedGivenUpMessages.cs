using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Retention;
using Npgsql;

namespace Nightshift.Plumbing.Messages;

/// <summary>
/// Discards what the service gave up long ago and no person retried: messages in the error queues, and the records of
/// events that could not be published; the events themselves go with their streams. Each is logged and recorded
/// before it is removed, so a crash in between can record one twice and loses none unseen.
/// </summary>
sealed class RetainedGivenUpMessages(
    string service,
    TimeSpan period,
    ErrorQueues queues,
    UnpublishableEvents events,
    NpgsqlDataSource database,
    ILogger<GivenUpMessages> log
) : IRetainedKind
{
    public static RetentionPeriod Kept { get; } = new("GivenUpMessages", TimeSpan.FromDays(30));

    public string Name => "given-up messages";

    public string Setting => Kept.Setting;

    public string Unit => "messages";

    public TimeSpan Period => period;

    public async Task<long> CountExpired(DateTimeOffset before, CancellationToken cancellationToken) =>
        await events.CountBefore(before, cancellationToken) + await queues.CountBefore(before, cancellationToken);

    public async Task<long> RemoveExpired(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var removed = await queues.RemoveBefore(before, x => Record(x, before, cancellationToken), cancellationToken);
        foreach (var e in await events.ListBefore(before, cancellationToken))
        {
            await Record(GivenUpMessages.Describe(e), before, cancellationToken);
            if (await events.Remove(e.Sequence, cancellationToken))
                removed++;
        }
        return removed;
    }

    async Task Record(GivenUpMessage message, DateTimeOffset before, CancellationToken cancellationToken)
    {
        PlumbingLog.GivenUpRemoved(
            log,
            $"{service}:{message.Id}",
            message.Type,
            message.Source,
            message.At,
            message.Reason
        );
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await new RetentionTable(service).Record(connection, Name, count: 1, before, cancellationToken);
    }
}
