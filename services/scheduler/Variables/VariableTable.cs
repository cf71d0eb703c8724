using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Npgsql;
using NpgsqlTypes;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Scheduler.Variables;

/// <summary>A variable as its row has it.</summary>
public sealed record VariableRow(string Key, string Value, string? Description);

/// <summary>
/// What each variable is now, written with its events. A task that is rendered reads what it names here: a value that
/// was set is seen by whatever is rendered afterwards, in every scheduler.
/// </summary>
public sealed class VariableTable(NpgsqlDataSource database)
{
    const string Upsert = """
        insert into scheduler.variable (key, value, description) values (?, ?, ?)
        on conflict (key) do update set value = excluded.value, description = excluded.description
        """;

    // A pattern is SQL's; the empty escape leaves it no way to be malformed.
    const string Matches = "(@pattern is null or key ilike any(@pattern))";

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(new PostgresqlObjectName("scheduler", "variable", SchemaUtils.IdentifierUsage.General));
        table.AddColumn<string>("key").AsPrimaryKey();
        table.AddColumn<string>("value").NotNull();
        table.AddColumn<string>("description").NotNull();
        return table;
    }

    /// <summary>The change of a row that an event makes.</summary>
    public static RowChange Change(object @event) =>
        @event switch
        {
            VariableSet x => new(Upsert, x.Key, x.Value, x.Description ?? "") { IsAwaited = false },
            VariableEvent x => new("delete from scheduler.variable where key = ?", x.Key) { IsAwaited = false },
            _ => throw new ArgumentException($"{@event.GetType().Name} is no event of a variable", nameof(@event)),
        };

    /// <summary>Values by key; one that is not there is left out.</summary>
    public async Task<IReadOnlyDictionary<string, string>> Find(
        IReadOnlyCollection<string> keys,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "select key, value from scheduler.variable where key = any(@keys)"
        );
        command.Parameters.AddWithValue("keys", keys.ToArray());
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<string, string>();
        while (await rows.ReadAsync(cancellationToken))
            found[rows.GetString(0)] = rows.GetString(1);
        return found;
    }

    /// <summary>One variable; null when there is none.</summary>
    public async Task<VariableRow?> Find(string key, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select key, value, description from scheduler.variable where key = @key"
        );
        command.Parameters.AddWithValue("key", key);
        return await Read(command, cancellationToken) is [var found] ? found : null;
    }

    /// <summary>A page of them, and how many there are.</summary>
    /// <param name="pattern">Only keys that are like this; null for all.</param>
    /// <param name="column">The column that orders them, then the key.</param>
    /// <param name="descending">The last first.</param>
    /// <param name="page">Which part.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<(IReadOnlyList<VariableRow> Rows, int Total)> List(
        SearchPattern? pattern,
        string column,
        bool descending,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var (limit, offset) = page.Check();
        var order = descending ? "desc" : "asc";
        await using var command = database.CreateCommand(
            $"""
            select key, value, description from scheduler.variable where {Matches}
            order by {column} collate "C" {order}, key collate "C" {order} limit @limit offset @offset
            """
        );
        Add(command, pattern);
        command.Parameters.AddWithValue("limit", limit);
        command.Parameters.AddWithValue("offset", offset);
        await using var count = database.CreateCommand($"select count(*) from scheduler.variable where {Matches}");
        Add(count, pattern);
        return (
            await Read(command, cancellationToken),
            (int)(long)(await count.ExecuteScalarAsync(cancellationToken))!
        );
    }

    static void Add(NpgsqlCommand command, SearchPattern? pattern) =>
        command.Parameters.Add(
            new("pattern", NpgsqlDbType.Array | NpgsqlDbType.Text)
            {
                Value = (object?)pattern?.Alternatives.ToArray() ?? DBNull.Value,
            }
        );

    static async Task<IReadOnlyList<VariableRow>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<VariableRow>();
        while (await rows.ReadAsync(cancellationToken))
            found.Add(
                new(rows.GetString(0), rows.GetString(1), rows.GetString(2) is { Length: > 0 } text ? text : null)
            );
        return found;
    }
}
