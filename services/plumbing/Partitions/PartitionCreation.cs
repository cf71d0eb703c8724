using Marten;
using Marten.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Nightshift.Plumbing.Partitions;

/// <summary>Creates the partitions of the coming weeks.</summary>
public sealed class PartitionCreation(
    IEnumerable<WeeklyTable> tables,
    IDocumentStore store,
    ILogger<PartitionCreation> log,
    TimeProvider clock
) : BackgroundService
{
    /// <summary>How often the coming weeks are looked at.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        try
        {
            do foreach (var table in tables)
                await Create(table, stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    async Task Create(WeeklyTable table, CancellationToken cancellationToken)
    {
        try
        {
            await table.Partitions.RollForwardAsync((MartenDatabase)store.Storage.Database, log, cancellationToken);
        }
        // weeks are made ahead: the next look is early enough
        catch (NpgsqlException e)
        {
            PlumbingLog.PartitionsNotCreated(log, e, table.QualifiedName);
        }
    }
}
