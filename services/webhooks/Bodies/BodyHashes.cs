using Microsoft.Extensions.Options;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Webhooks.Bodies;

/// <summary>
/// Which delivery brought a body first. A signature covers the body and neither the GUID, nor the hook, nor the event,
/// so whoever has seen a signed body could post it again under other headers.
/// </summary>
public sealed class BodyHashes(
    NpgsqlDataSource database,
    IOptions<WebhookOptions> options,
    TimeProvider clock,
    ILogger<BodyHashes> log
) : BackgroundService
{
    static readonly TimeSpan PrunePeriod = TimeSpan.FromHours(1);

    /// <summary>
    /// Connections that claims use at once: a burst of deliveries must not take all the database has.
    /// </summary>
    const int Connections = 4;

    readonly SemaphoreSlim turns = new(Connections);

    const string Name = "webhooks.delivery_body_hash";

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(
            new PostgresqlObjectName("webhooks", "delivery_body_hash", SchemaUtils.IdentifierUsage.General)
        );
        table.AddColumn<string>("body_sha256").AsPrimaryKey();
        table.AddColumn<string>("delivery_id").NotNull();
        table.AddColumn("received_at", "timestamptz").NotNull().AddIndex();
        return table;
    }

    /// <summary>
    /// Claims a body for a delivery unless another one has it. Atomic: of deliveries that arrive at once one gets it.
    /// Repeating a claim changes nothing.
    /// </summary>
    /// <param name="bodySha256">SHA-256 of the body, lower-case hex.</param>
    /// <param name="deliveryKey">As in <see cref="Deliveries.DeliveryKey"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The key of the delivery that has it: this one, or the one that brought the body before, within
    /// <see cref="WebhookOptions.ReplayWindow"/>.</returns>
    public async Task<string> Claim(string bodySha256, string deliveryKey, CancellationToken cancellationToken)
    {
        await turns.WaitAsync(cancellationToken);
        try
        {
            return await ClaimNow(bodySha256, deliveryKey, cancellationToken);
        }
        finally
        {
            turns.Release();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        turns.Dispose();
        base.Dispose();
    }

    async Task<string> ClaimNow(string bodySha256, string deliveryKey, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        // One transaction that need not wait for the disk: the delivery's own commit, which follows, does.
        batch.BatchCommands.Add(new("select set_config('synchronous_commit', 'off', true)"));
        batch.BatchCommands.Add(
            new(
                $"""
                insert into {Name} as known (body_sha256, delivery_id, received_at) values ($1, $2, now())
                on conflict (body_sha256) do update set
                  delivery_id = case when known.received_at > now() - $3 then known.delivery_id else $2 end,
                  received_at = case when known.received_at > now() - $3 then known.received_at else now() end
                returning delivery_id
                """
            )
            {
                Parameters =
                {
                    new() { Value = bodySha256 },
                    new() { Value = deliveryKey },
                    new() { Value = options.Value.ReplayWindow },
                },
            }
        );
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        await rows.NextResultAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        return rows.GetString(0);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PrunePeriod, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await Prune(stoppingToken);
    }

    /// <summary>Deletes what is older than the window.</summary>
    public async Task Prune(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand($"delete from {Name} where received_at <= now() - $1");
            command.Parameters.Add(new() { Value = options.Value.ReplayWindow });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException e) // the database is away: the next period does it
        {
            Log.NotPruned(log, e);
        }
    }
}
