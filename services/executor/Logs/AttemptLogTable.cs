using System.Runtime.CompilerServices;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Executor.Logs;

/// <summary>
/// The lines of all attempts. A line's place in its log is its key, so writing one again changes nothing.
/// </summary>
public sealed class AttemptLogTable(NpgsqlDataSource database)
{
    const string Insert = """
        insert into executor.attempt_log (attempt_id, seq, at, stream, text)
        select @attempt, * from unnest(@seq, @at, @stream, @text) on conflict do nothing
        """;

    const string Remark = """
        insert into executor.attempt_log (attempt_id, seq, at, stream, text)
        select @attempt, coalesce(max(seq), 0) + 1, @at, @stream, @text from executor.attempt_log where attempt_id = @attempt
        on conflict do nothing
        """;

    const string Select =
        "select seq, at, stream, text from executor.attempt_log where attempt_id = @attempt and seq > @after order by seq";

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(new PostgresqlObjectName("executor", "attempt_log", SchemaUtils.IdentifierUsage.General));
        table.AddColumn<string>("attempt_id").AsPrimaryKey();
        table.AddColumn<long>("seq").AsPrimaryKey();
        table.AddColumn<DateTimeOffset>("at").NotNull();
        table.AddColumn<string>("stream").NotNull();
        table.AddColumn<string>("text").NotNull();
        return table;
    }

    /// <summary>Writes lines, in one statement.</summary>
    public async Task Append(string attemptId, IReadOnlyList<LogLine> lines, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Insert);
        command.Parameters.AddWithValue("attempt", attemptId);
        command.Parameters.AddWithValue("seq", lines.Select(x => x.Seq).ToArray());
        command.Parameters.AddWithValue("at", lines.Select(x => x.At.ToUniversalTime()).ToArray());
        command.Parameters.AddWithValue("stream", lines.Select(x => x.Stream).ToArray());
        command.Parameters.AddWithValue("text", lines.Select(x => x.Text).ToArray());
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
        await using var command = database.CreateCommand(Remark);
        command.Parameters.AddWithValue("attempt", attemptId);
        command.Parameters.AddWithValue("at", at.ToUniversalTime());
        command.Parameters.AddWithValue("stream", LogLine.Ours);
        command.Parameters.AddWithValue("text", text);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The lines behind <paramref name="after"/>, in order.</summary>
    public async IAsyncEnumerable<LogLine> Read(
        string attemptId,
        long after,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.AddWithValue("attempt", attemptId);
        command.Parameters.AddWithValue("after", after);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            yield return new(
                rows.GetInt64(0),
                rows.GetFieldValue<DateTimeOffset>(1),
                rows.GetString(2),
                rows.GetString(3)
            );
    }
}
