using Npgsql;

namespace Nightshift.Plumbing.Partitions;

/// <summary>A partition with one week's rows, or the rows of that week in the default partition.</summary>
/// <param name="Table">The partition, with its schema.</param>
/// <param name="Week">The start of the week (UTC).</param>
/// <param name="Own">False when the rows are in the default partition, which holds other weeks too.</param>
public sealed record WeekOfRows(string Table, DateTimeOffset Week, bool Own);

/// <summary>Finds and drops the old weeks of a table.</summary>
/// <param name="table">The table.</param>
/// <param name="keptWhile">In SQL on <c>part</c>, a row of the partition: a week with a row for which it is true stays.
/// </param>
/// <param name="database">Where the table is.</param>
public sealed class WeeklyPartitions(WeeklyTable table, string keptWhile, NpgsqlDataSource database)
{
    /// <summary>
    /// How long a drop waits for the table. Everybody else waits behind it meanwhile, so it gives way to a reader and
    /// is tried again by the next sweep.
    /// </summary>
    const string LockTimeout = "set local lock_timeout = '2s'";

    // Several instances sweep at the same time: who comes second leaves it to the first.
    readonly string lockTable =
        $"select pg_try_advisory_xact_lock(hashtextextended('drop-weeks:{table.QualifiedName}', 0))";

    readonly string children = $"""
        select child.relname, pg_get_expr(child.relpartbound, child.oid) = 'DEFAULT'
        from pg_inherits join pg_class child on child.oid = inhrelid
        where inhparent = '{table.QualifiedName}'::regclass order by child.relname
        """;

    /// <summary>The weeks that were over at an instant and have no row that is kept, oldest first.</summary>
    public async Task<IReadOnlyList<WeekOfRows>> Before(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var weeks = new List<WeekOfRows>();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        foreach (var week in await All(connection, cancellationToken))
            if (
                table.Partitions.Policy.AddPeriods(week.Week, 1) <= instant
                && !await IsKept(connection, week, cancellationToken)
            )
                weeks.Add(week);
        return [.. weeks.OrderBy(x => x.Week)];
    }

    /// <summary>Removes a week in the connection's transaction, unless it has a row that is kept by now.</summary>
    /// <returns>Whether it was removed.</returns>
    public async Task<bool> Drop(NpgsqlConnection connection, WeekOfRows week, CancellationToken cancellationToken)
    {
        await Execute(connection, LockTimeout, cancellationToken);
        await using var alone = new NpgsqlCommand(lockTable, connection);
        if (await alone.ExecuteScalarAsync(cancellationToken) is not true)
            return false;
        if (await IsKept(connection, week, cancellationToken))
            return false;
        if (week.Own)
            await Execute(connection, $"drop table if exists {week.Table}", cancellationToken);
        else
        {
            await using var delete = new NpgsqlCommand(
                $"delete from {week.Table} where {WeeklyTable.Column} = @week",
                connection
            );
            delete.Parameters.AddWithValue("week", week.Week.ToUniversalTime());
            return await delete.ExecuteNonQueryAsync(cancellationToken) > 0;
        }
        return true;
    }

    async Task<IReadOnlyList<WeekOfRows>> All(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (weeks, defaults) = (new List<WeekOfRows>(), new List<string>());
        await using (var command = new NpgsqlCommand(children, connection))
        await using (var rows = await command.ExecuteReaderAsync(cancellationToken))
            while (await rows.ReadAsync(cancellationToken))
                if (rows.GetBoolean(1))
                    defaults.Add($"{table.Schema}.{rows.GetString(0)}");
                else if (table.WeekOfPartition(rows.GetString(0)) is { } week)
                    weeks.Add(new($"{table.Schema}.{rows.GetString(0)}", week, Own: true));
        foreach (var name in defaults)
            weeks.AddRange(await WeeksIn(connection, name, cancellationToken));
        return weeks;
    }

    static async Task<IReadOnlyList<WeekOfRows>> WeeksIn(
        NpgsqlConnection connection,
        string name,
        CancellationToken cancellationToken
    )
    {
        var weeks = new List<WeekOfRows>();
        await using var command = new NpgsqlCommand($"select distinct {WeeklyTable.Column} from {name}", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            weeks.Add(new(name, rows.GetFieldValue<DateTimeOffset>(0), Own: false));
        return weeks;
    }

    async Task<bool> IsKept(NpgsqlConnection connection, WeekOfRows week, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("select to_regclass(@table) is not null", connection);
        exists.Parameters.AddWithValue("table", week.Table);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
            return true; // another instance has dropped it
        await using var kept = new NpgsqlCommand(
            $"select exists (select from {week.Table} part where part.{WeeklyTable.Column} = @week and ({keptWhile}))",
            connection
        );
        kept.Parameters.AddWithValue("week", week.Week.ToUniversalTime());
        return await kept.ExecuteScalarAsync(cancellationToken) is true;
    }

    static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
