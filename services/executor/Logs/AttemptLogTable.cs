using System.Runtime.CompilerServices;
using Nightshift.Plumbing.Partitions;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Executor.Logs;

/// <summary>
/// The logs of all attempts: a row holds many lines. A chunk is named by the number of its first line and may be
/// written again when it has grown; chunks may overlap when two executors wrote the same lines, and whoever reads
/// takes each number once.
/// </summary>
public sealed class AttemptLogTable(NpgsqlDataSource database)
{
    /// <summary>The table's name, with its schema.</summary>
    public const string Name = "executor.attempt_log";

    /// <summary>The start of the week a row was written in, UTC, by the database's clock.</summary>
    const string Week = "date_trunc('week', now(), 'UTC')";

    const string Upsert = $"""
        insert into {Name} as stored (attempt_id, first_seq, week, last_seq, byte_offset, lines)
        values (@attempt, @first, {Week}, @last, @offset, @lines)
        on conflict (attempt_id, first_seq, week) do update
        set last_seq = excluded.last_seq, lines = excluded.lines where stored.last_seq < excluded.last_seq
        """;

    const string Delete =
        $"delete from {Name} where attempt_id = @attempt and first_seq >= @first and last_seq <= @last";

    const string Select = $"""
        select first_seq, last_seq, byte_offset, lines from {Name}
        where attempt_id = @attempt and last_seq > @after order by first_seq, last_seq limit 32
        """;

    const string SelectLast = $"""
        select first_seq, last_seq, byte_offset, lines from {Name}
        where attempt_id = @attempt order by first_seq desc, last_seq desc limit 1
        """;

    /// <summary>Its partitions, so that old logs go with a dropped table.</summary>
    public static WeeklyTable Weeks(TimeProvider clock) => new("executor", "attempt_log", clock);

    /// <summary>The table as the schema tool knows it.</summary>
    /// <param name="weeks">Its partitions.</param>
    public static ISchemaObject Schema(WeeklyTable weeks)
    {
        var table = new Table(new PostgresqlObjectName("executor", "attempt_log", SchemaUtils.IdentifierUsage.General));
        table.AddColumn<string>("attempt_id").AsPrimaryKey();
        table.AddColumn<long>("first_seq").AsPrimaryKey();
        weeks.Partition(table);
        table.AddColumn<long>("last_seq").NotNull();
        table.AddColumn<long>("byte_offset").NotNull();
        table.AddColumn("lines", "bytea").NotNull();
        return table;
    }

    /// <summary>Writes a chunk. One that is stored already changes nothing, unless it has grown.</summary>
    public async Task Write(string attemptId, StoredChunk chunk, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Upsert);
        command.Parameters.AddWithValue("attempt", attemptId);
        command.Parameters.AddWithValue("first", chunk.FirstSeq);
        command.Parameters.AddWithValue("last", chunk.LastSeq);
        command.Parameters.AddWithValue("offset", chunk.Offset);
        command.Parameters.AddWithValue("lines", chunk.Encode());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Takes the chunks out whose lines all have numbers from <paramref name="first"/> to
    /// <paramref name="last"/>.</summary>
    public async Task Remove(string attemptId, long first, long last, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Delete);
        command.Parameters.AddWithValue("attempt", attemptId);
        command.Parameters.AddWithValue("first", first);
        command.Parameters.AddWithValue("last", last);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Adds a remark of ours behind the last line.</summary>
    public async Task AppendRemark(
        string attemptId,
        string text,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var last = await Last(attemptId, cancellationToken);
        var remark = new LogLine((last?.LastSeq ?? 0) + 1, at, LogLine.Ours, text);
        await Write(attemptId, new(last?.End ?? 0, [remark]), cancellationToken);
    }

    /// <summary>
    /// The chunks with lines behind <paramref name="after"/>, in order. They are read in pages: however slowly the
    /// caller takes them, no connection is held and little memory.
    /// </summary>
    public async IAsyncEnumerable<StoredChunk> Read(
        string attemptId,
        long after,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (await Page(attemptId, after, cancellationToken) is { Count: > 0 } page)
            foreach (var row in page)
            {
                after = Math.Max(after, row.Last);
                yield return row.Decode();
            }
    }

    async Task<List<Row>> Page(string attemptId, long after, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.AddWithValue("attempt", attemptId);
        command.Parameters.AddWithValue("after", after);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<Row>();
        while (await rows.ReadAsync(cancellationToken))
            page.Add(Row.Of(rows));
        return page;
    }

    async Task<StoredChunk?> Last(string attemptId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectLast);
        command.Parameters.AddWithValue("attempt", attemptId);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken) ? Row.Of(rows).Decode() : null;
    }

    sealed record Row(long First, long Last, long Offset, byte[] Lines)
    {
        public static Row Of(NpgsqlDataReader row) =>
            new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3));

        public StoredChunk Decode() => StoredChunk.Decode(First, Last, Offset, Lines);
    }
}
