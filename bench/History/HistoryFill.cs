using System.Diagnostics;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Nightshift.Bench.History;

/// <summary>Fills a database with copies of a sample, inside PostgreSQL and beside a running system.</summary>
sealed class HistoryFill(string postgres, HistorySize size)
{
    /// <summary>Copies in a transaction.</summary>
    const int BatchSize = 2_000;

    /// <summary>The numbers of real events begin above this, and the copied ones stay below.</summary>
    const long LastSequence = 1_000_000_000;

    static readonly string[] Schemas = ["scheduler", "executor", "webhooks", "healer", "escalation"];

    /// <summary>
    /// Leaves room below the next sequence numbers. The relays see the gap at the next event and close it; what is
    /// filled in there afterwards is below their positions, as a month that was published long ago is.
    /// </summary>
    public async Task ReserveSequences(CancellationToken cancellationToken)
    {
        await using var database = Connect();
        foreach (var schema in Schemas)
            await Execute(database, $"select setval('{schema}.mt_events_sequence', {LastSequence})", cancellationToken);
        // The sample's backfill has a number that no other text holds; the copies' are below.
        await Execute(
            database,
            $"select setval('scheduler.backfill_number', {HistorySample.BackfillNumber}, false)",
            cancellationToken
        );
    }

    /// <summary>Copies the runs of the sample. The services are up and have nothing to do.</summary>
    /// <param name="runs">What tells the runs of the sample apart: a part of their ids.</param>
    public async Task Run(IReadOnlyList<string> runs, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        await using var database = Connect();
        await AwaitRelays(database, cancellationToken);
        await CreateSamples(database, runs, cancellationToken);
        await CreatePartitions(database, cancellationToken);
        await Task.WhenAll(CopiedTable.All.Select(tables => Copy(database, tables, cancellationToken)));
        await Execute(database, $"{CopyStatements.RaiseDagVersions}; drop schema history cascade", cancellationToken);
        await Execute(database, "vacuum (analyze)", cancellationToken); // as the server does by itself in time
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"filled with {size.Tasks} task instances in {Stopwatch.GetElapsedTime(since).TotalSeconds:0} s"
            )
        );
    }

    NpgsqlDataSource Connect()
    {
        var settings = new NpgsqlConnectionStringBuilder(postgres) { CommandTimeout = 0, MaxPoolSize = 10 };
        settings.Options = "-c synchronous_commit=off -c statement_timeout=0 -c client_min_messages=warning";
        return NpgsqlDataSource.Create(settings);
    }

    // Above the reserved numbers: what is filled in below is never published.
    static async Task AwaitRelays(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        foreach (var schema in Schemas)
        {
            await using var command = database.CreateCommand($"select max(position) from {schema}.relay_cursor");
            while (await command.ExecuteScalarAsync(cancellationToken) is not > LastSequence)
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        }
    }

    async Task CreateSamples(NpgsqlDataSource database, IReadOnlyList<string> runs, CancellationToken cancellationToken)
    {
        await Execute(
            database,
            $"""
            drop schema if exists history cascade; create schema history;
            create table history.run as
            select row_number() over (order by s.number) - 1 as sample, s.token, '{HistoryDags.Sample}' as dag,
              date_trunc('minute', min(e.timestamp)) as began, max(e.timestamp) - min(e.timestamp) as length
            from unnest(@runs) with ordinality s (token, number)
            join scheduler.mt_events e on position(s.token in e.stream_id) > 0 group by s.token, s.number;
            create table history.dag as
            select 0 as sample, '{HistoryDags.Sample}' as token, '{HistoryDags.Sample}' as dag,
              date_trunc('minute', min(timestamp)) as began, max(timestamp) - min(timestamp) as length
            from (select timestamp from healer.mt_events union all select timestamp from escalation.mt_events) e;
            create table history.backfill as
            select 0 as sample, '{HistorySample.BackfillNumber}' as token, '{HistoryDags.Scheduled(0)}' as dag,
              date_trunc('minute', min(timestamp)) as began, max(timestamp) - min(timestamp) as length
            from scheduler.mt_events where stream_id = 'backfill-{HistorySample.BackfillNumber}'
            """,
            cancellationToken,
            new NpgsqlParameter("runs", NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = runs.ToArray() }
        );
        await RequireShort(database, cancellationToken);
        foreach (var table in CopiedTable.All.SelectMany(x => x))
            await Execute(database, CopyStatements.CreateSample(table), cancellationToken);
        await CreateCopies(
            CopiedTable.Runs,
            $"'history-' || lpad((number / 12 % {HistorySize.Dags})::text, 3, '0')",
            "md5('run ' || number)::uuid::text",
            size.Runs
        );
        await CreateCopies(
            CopiedTable.FailedDags,
            "'history-' || lpad(number::text, greatest(3, length(number::text)), '0')",
            "dag",
            size.FailedDags
        );
        await CreateCopies(
            CopiedTable.Backfills,
            $"'history-' || lpad((number % {HistorySize.Dags})::text, 3, '0')",
            "(number + 1)::text",
            size.Backfills
        );

        Task CreateCopies(string table, string dag, string id, int count) =>
            Execute(
                database,
                CopyStatements
                    .CreateCopies(table, dag, id)
                    .Replace("@count", count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                    .Replace(
                        "@minutes",
                        size.Span.TotalMinutes.ToString("0.0", CultureInfo.InvariantCulture),
                        StringComparison.Ordinal
                    ),
                cancellationToken
            );
    }

    static async Task RequireShort(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select max(length) from (select length from history.run union all select length from history.dag "
                + "union all select length from history.backfill) x"
        );
        var length = (TimeSpan)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (length > TimeSpan.FromMinutes(CopyStatements.SampleMinutes - 1))
            throw new InvalidOperationException(
                $"The sample took {length}, which is too long to be copied: is the machine busy?"
            );
    }

    // A system that ran for the month has made them week by week.
    async Task CreatePartitions(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var today = TimeProvider.System.GetUtcNow().UtcDateTime.Date;
        var week = today.AddDays(-(((int)today.DayOfWeek + 6) % 7));
        for (var start = week; start > week - size.Span - TimeSpan.FromDays(8); start -= TimeSpan.FromDays(7))
            await Execute(
                database,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"""
                    create table if not exists executor.attempt_log_w{start:yyyyMMdd} partition of executor.attempt_log
                    for values from ('{start:yyyy-MM-dd} 00:00+00') to ('{start.AddDays(7):yyyy-MM-dd} 00:00+00')
                    """
                ),
                cancellationToken
            );
    }

    async Task Copy(NpgsqlDataSource database, IReadOnlyList<CopiedTable> tables, CancellationToken cancellationToken)
    {
        foreach (var table in tables)
        {
            var columns = await Columns(database, table, cancellationToken);
            var width = await Width(database, table, cancellationToken);
            if (table is { Schema: "scheduler", Name: "mt_events", Copies: CopiedTable.Runs })
                await InBatches(CopyStatements.SkipTicks(columns, width), size.Runs);
            await InBatches(CopyStatements.Copy(table, columns, width), CountOf(table.Copies));
            Console.WriteLine($"  {table.FullName}");
        }

        int CountOf(string copies) =>
            copies switch
            {
                CopiedTable.Runs => size.Runs,
                CopiedTable.Backfills => size.Backfills,
                _ => size.FailedDags,
            };

        async Task InBatches(string copy, int count)
        {
            for (var first = 0; first < count; first += BatchSize)
                await Execute(
                    database,
                    copy,
                    cancellationToken,
                    new NpgsqlParameter("first", (long)first),
                    new NpgsqlParameter("end", (long)Math.Min(first + BatchSize, count))
                );
        }
    }

    static async Task<IReadOnlyList<Column>> Columns(
        NpgsqlDataSource database,
        CopiedTable table,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            """
            select column_name, data_type from information_schema.columns
            where table_schema = @schema and table_name = @name order by ordinal_position
            """
        );
        command.Parameters.AddWithValue("schema", table.Schema);
        command.Parameters.AddWithValue("name", table.Name);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var columns = new List<Column>();
        while (await rows.ReadAsync(cancellationToken))
            columns.Add(new(rows.GetString(0), rows.GetString(1)));
        return columns;
    }

    static async Task<long> Width(NpgsqlDataSource database, CopiedTable table, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select max(rank) + 1 from {table.Sample}");
        return await command.ExecuteScalarAsync(cancellationToken) is long width
            ? width
            : throw new InvalidOperationException($"The sample left nothing in {table.FullName}");
    }

    static async Task Execute(
        NpgsqlDataSource database,
        string sql,
        CancellationToken cancellationToken,
        params IReadOnlyList<NpgsqlParameter> parameters
    )
    {
        await using var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
