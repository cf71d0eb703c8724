using Marten;
using Marten.Storage;
using Npgsql;
using Weasel.Core.Partitioning;
using Weasel.Postgresql.Tables.Partitioning;

namespace Nightshift.Executor.Logs;

/// <summary>
/// The weekly partitions of <see cref="AttemptLogTable"/>: makes those of the coming weeks, and drops whole weeks when
/// retention asks.
/// </summary>
public sealed class AttemptLogPartitions(
    IDocumentStore store,
    NpgsqlDataSource database,
    ManagedRangePartitions partitions,
    ILogger<AttemptLogPartitions> log,
    TimeProvider clock
) : BackgroundService
{
    /// <summary>Weeks made ahead. Rows of a week without partition go to the default one; nothing is refused.</summary>
    public const int WeeksAhead = 4;

    /// <summary>How often the coming weeks are looked at.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromDays(1);

    const string Children = $"""
        select child.relname from pg_inherits join pg_class child on child.oid = inhrelid
        where inhparent = '{AttemptLogTable.Name}'::regclass order by child.relname
        """;

    const string Prefix = "attempt_log_";

    /// <summary>The partitions by the clock: this week and the next ones; older ones stay until dropped.</summary>
    public static ManagedRangePartitions Weekly(TimeProvider clock) =>
        new(RollingWindowPolicy.Weekly(WeeksAhead, periodsBehind: 0), clock);

    /// <summary>Drops the weeks that were over at an instant; their logs are gone.</summary>
    /// <returns>The names of the dropped tables.</returns>
    public async Task<IReadOnlyList<string>> DropBefore(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var dropped = new List<string>();
        foreach (var name in await Names(cancellationToken))
            if (
                partitions.Policy.TryParseSuffix(name[Prefix.Length..], out var start)
                && partitions.Policy.AddPeriods(start, 1) <= instant
            )
            {
                await using var drop = database.CreateCommand($"drop table if exists executor.{name}");
                await drop.ExecuteNonQueryAsync(cancellationToken);
                dropped.Add(name);
            }
        return dropped;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        try
        {
            do await RollForward(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    async Task RollForward(CancellationToken cancellationToken)
    {
        try
        {
            var postgres = (MartenDatabase)store.Storage.Database;
            await partitions.RollForwardAsync(postgres, log, cancellationToken);
        }
        // weeks are made ahead: the next look is early enough
        catch (NpgsqlException e)
        {
            Log.PartitionsNotMade(log, e);
        }
    }

    async Task<List<string>> Names(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Children);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var names = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
            names.Add(rows.GetString(0));
        return names;
    }
}
