using Npgsql;

namespace Nightshift.Plumbing.Lists;

/// <summary>The statements of one list. Columns are the code's own words; values are parameters.</summary>
sealed class RowQuery(string table, IReadOnlyList<RowCondition> conditions)
{
    readonly IReadOnlyList<RowCondition> conditions = [.. conditions.Where(x => !x.IsEmpty)];

    public NpgsqlCommand Page(NpgsqlConnection connection, RowOrder order, Cursor? from, int limit, int offset)
    {
        var command = Command(
            connection,
            order.HasNulls
                ? $"""
                select data, key, id from ({string.Join(" union all ", Parts(order, from))}) rows
                order by part, key {Direction(order)}, id {Direction(order)} limit @limit offset @offset
                """
                : $"{Part(order, Behind(order, from), 0)} limit @limit offset @offset"
        );
        command.Parameters.AddWithValue("limit", limit);
        command.Parameters.AddWithValue("offset", offset);
        if (order.HasNulls)
            command.Parameters.AddWithValue("most", limit + offset);
        if (from is not { } cursor)
            return command;
        command.Parameters.AddWithValue("from_id", cursor.Id);
        if (cursor.Key is { } key)
            command.Parameters.AddWithValue("from_key", key);
        return command;
    }

    public NpgsqlCommand Count(NpgsqlConnection connection, int upTo) =>
        Command(connection, $"select count(*) from (select 1 from {table} d where {Matching} limit {upTo}) rows");

    public NpgsqlCommand Estimate(NpgsqlConnection connection) =>
        Command(connection, $"explain (format json) select 1 from {table} d where {Matching}");

    // First the rows with a value, then those without: each part follows an index, in either direction.
    IEnumerable<string> Parts(RowOrder order, Cursor? from)
    {
        var (column, comes) = ($"d.{order.Column}", Comes(order));
        if (from is not { Key: null })
            yield return Limited($"{column} is not null{Behind(order, from)}", 0);
        yield return Limited($"{column} is null{(from is { Key: null } ? $" and d.id {comes} @from_id" : "")}", 1);

        string Limited(string where, int part) => $"({Part(order, $" and {where}", part)} limit @most)";
    }

    string Part(RowOrder order, string where, int part) =>
        $"""
            select d.data::text data, d.{order.Column} key, d.id id, {part} part from {table} d where {Matching}{where}
            order by d.{order.Column} {Direction(order)}, d.id {Direction(order)}
            """;

    static string Behind(RowOrder order, Cursor? from) =>
        from is null ? "" : $" and (d.{order.Column}, d.id) {Comes(order)} (@from_key, @from_id)";

    static string Direction(RowOrder order) => order.Descending ? "desc" : "asc";

    static string Comes(RowOrder order) => order.Descending ? "<" : ">";

    string Matching =>
        string.Join(" and ", conditions.Select((x, i) => x.Sql($"d.{x.Column}", $"v{i}")).DefaultIfEmpty("true"));

    NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var (condition, i) in conditions.Select((x, i) => (x, i)))
            condition.AddTo(command.Parameters, $"v{i}");
        return command;
    }
}
