using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Partitions;
using Npgsql;

namespace Nightshift.Plumbing.Retention;

/// <summary>
/// Drops whole weeks of a partitioned table when the youngest row a week can have is older than the period. Each week
/// is dropped in a transaction that also records it.
/// </summary>
public sealed class RetainedWeeks(
    string name,
    string setting,
    TimeSpan period,
    WeeklyTable table,
    WeeklyPartitions partitions,
    NpgsqlDataSource database,
    ILogger<RetainedWeeks> log
) : IRetainedKind
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Setting => setting;

    /// <inheritdoc/>
    public string Unit => "weeks";

    /// <inheritdoc/>
    public TimeSpan Period => period;

    /// <inheritdoc/>
    public async Task<long> CountExpired(DateTimeOffset before, CancellationToken cancellationToken) =>
        (await partitions.Before(before, cancellationToken)).Count;

    /// <inheritdoc/>
    public async Task<long> RemoveExpired(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var removed = 0L;
        foreach (var week in await partitions.Before(before, cancellationToken))
            if (await Remove(week, before, cancellationToken))
            {
                PlumbingLog.WeekDropped(log, week.Table, week.Week);
                removed++;
            }
        return removed;
    }

    async Task<bool> Remove(WeekOfRows week, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await partitions.Drop(connection, week, cancellationToken))
            return false;
        await new RetentionTable(table.Schema).Record(connection, name, count: 1, before, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
