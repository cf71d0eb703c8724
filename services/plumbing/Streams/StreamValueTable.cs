using System.Text;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Plumbing.Streams;

/// <summary>
/// The values that are too long for the events of a stream. A row belongs to one stream, is written in the transaction
/// of the event that refers to it, never changes, and is removed with the stream.
/// </summary>
public sealed class StreamValueTable(string schema, NpgsqlDataSource database)
{
    /// <summary>Its name, without the schema.</summary>
    public const string Name = "stream_value";

    readonly string insert =
        $"insert into {schema}.{Name} (stream_id, sha256, value) values (?, ?, ?) on conflict do nothing";
    readonly string select =
        $"select sha256, value from {schema}.{Name} where stream_id = @stream and sha256 = any(@hashes)";

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema(string schema)
    {
        var table = new Table(new PostgresqlObjectName(schema, Name, SchemaUtils.IdentifierUsage.General));
        table.AddColumn<string>("stream_id").AsPrimaryKey();
        table.AddColumn<string>("sha256").AsPrimaryKey();
        table.AddColumn("value", "bytea").NotNull(); // UTF-8; text cannot hold NUL
        return table;
    }

    /// <summary>The rows of values, for the transaction that appends the event that refers to them.</summary>
    /// <param name="streamId">The stream, with its prefix.</param>
    /// <param name="values">The values by their hashes.</param>
    public IEnumerable<RowChange> Rows(string streamId, IReadOnlyDictionary<string, string> values) =>
        values.Select(x => new RowChange(insert, streamId, x.Key, Encoding.UTF8.GetBytes(x.Value))
        {
            IsAwaited = false,
        });

    /// <summary>Values of a stream by their hashes; one that is not stored is left out.</summary>
    public async Task<IReadOnlyDictionary<string, string>> Find(
        string streamId,
        IReadOnlyCollection<string> hashes,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, string>();
        await using var command = database.CreateCommand(select);
        command.Parameters.AddWithValue("stream", streamId);
        command.Parameters.AddWithValue("hashes", hashes.ToArray());
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            found[rows.GetString(0)] = Encoding.UTF8.GetString(rows.GetFieldValue<byte[]>(1));
        return found;
    }

    /// <summary>All values of an event, those beside the stream included. Without references nothing is read.</summary>
    /// <exception cref="InvalidDataException">A value is not stored any more.</exception>
    public async ValueTask<IReadOnlyDictionary<string, string>> Join(
        string streamId,
        IReadOnlyDictionary<string, string> inline,
        IReadOnlyDictionary<string, ValueReference>? references,
        CancellationToken cancellationToken
    )
    {
        if (references is not { Count: > 0 })
            return inline;
        var stored = await Find(streamId, [.. references.Values.Select(x => x.Sha256).Distinct()], cancellationToken);
        var values = new SortedDictionary<string, string>(inline.ToDictionary(), StringComparer.Ordinal);
        foreach (var (name, reference) in references)
            values[name] = stored.TryGetValue(reference.Sha256, out var value)
                ? value
                : throw new InvalidDataException(
                    $"The value '{name}' of stream '{streamId}' ({reference.Sha256}) is missing in {schema}.{Name}"
                );
        return values;
    }
}
