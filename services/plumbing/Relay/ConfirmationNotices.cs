using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Nightshift.Plumbing.Relay;

/// <summary>
/// Tells the instance whose catch-up loop works which events this one has published itself, so that it does not publish
/// them again. Sent in batches outside any writer's transaction: PostgreSQL commits transactions that notify one after
/// the other. A notice that is lost costs a duplicate, nothing else.
/// </summary>
public sealed class ConfirmationNotices(
    string schema,
    NpgsqlDataSource database,
    ILogger<ConfirmationNotices> log,
    TimeProvider clock
) : BackgroundService
{
    /// <summary>At most one notice in this period.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>Ids kept for the next notice; more are dropped.</summary>
    const int Capacity = 50_000;

    static readonly Guid OnlyWake = Guid.Empty;

    readonly Channel<Guid> confirmed = Channel.CreateBounded<Guid>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest }
    );

    /// <summary>This instance has published an event.</summary>
    public void Add(Guid eventId) => confirmed.Writer.TryWrite(eventId);

    /// <summary>There is an event that this instance has not published.</summary>
    public void Wake() => confirmed.Writer.TryWrite(OnlyWake);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                await confirmed.Reader.WaitToReadAsync(stoppingToken);
                await Task.Delay(Period, clock, stoppingToken);
                await Send(Drain(), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
            catch (NpgsqlException e)
            {
                PlumbingLog.NoticeLost(log, e);
            }
    }

    List<Guid> Drain()
    {
        var ids = new List<Guid>();
        while (confirmed.Reader.TryRead(out var id))
            if (id != OnlyWake)
                ids.Add(id);
        return ids;
    }

    async Task Send(List<Guid> ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select pg_notify(@channel, payload) from unnest(@payloads) payload"
        );
        command.Parameters.AddWithValue("channel", RelayConnection.Channel(schema));
        command.Parameters.AddWithValue("payloads", EventIdList.Format(ids).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
