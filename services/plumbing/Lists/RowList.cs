using System.Text.Json;
using Marten;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;
using Npgsql;

namespace Nightshift.Plumbing.Lists;

/// <summary>A part of a list.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="NextCursor">Where the next page begins; null when this is the last.</param>
/// <param name="Total">How many rows match.</param>
/// <param name="TotalIsExact">False when there are so many that their number is estimated.</param>
public sealed record RowPage<TRow>(IReadOnlyList<TRow> Rows, string? NextCursor, long Total, bool TotalIsExact);

/// <summary>A column that rows must match; a null or empty list of values matches all.</summary>
/// <param name="Column">The duplicated column of a row's property, as in <c>dag_id</c>.</param>
/// <param name="Values">What it may hold.</param>
public sealed record RowFilter(string Column, params IReadOnlyList<string?>? Values);

/// <summary>How a list is ordered: by one time column, then by id.</summary>
/// <param name="Column">The duplicated column of a row's time.</param>
/// <param name="Descending">The latest first.</param>
public sealed record RowOrder(string Column, bool Descending = true)
{
    /// <summary>Reads Airflow's <c>order_by</c>: a column's name, with a dash in front for descending.</summary>
    /// <param name="text">What was asked for; null for the default.</param>
    /// <param name="columns">The names that may be asked for and their columns; the first is the default.</param>
    /// <exception cref="RejectedException"><c>invalid_order_by</c></exception>
    public static RowOrder Parse(string? text, params IReadOnlyList<(string Name, string Column)> columns) =>
        text is null ? new(columns[0].Column)
        : columns.FirstOrDefault(x => x.Name == text.TrimStart('-')) is { Column: { } column }
            ? new(column, text.StartsWith('-'))
        : throw new RejectedException(
            "invalid_order_by",
            $"'order_by' is '{text}'; give one of {string.Join(", ", columns.Select(x => x.Name))}, with '-' in front for the latest first"
        );
}

/// <summary>
/// Reads lists of rows through the indexes that <see cref="RowIndexes"/> makes. However many rows there are, a page
/// costs its own rows, and the total at most <see cref="CountedUpTo"/>.
/// </summary>
public sealed class RowList(IDocumentStore store, NpgsqlDataSource database)
{
    /// <summary>More rows than this are not counted but estimated by the planner.</summary>
    public const int CountedUpTo = 1_000;

    /// <summary>One page.</summary>
    /// <exception cref="RejectedException"><c>invalid_page</c> or <c>invalid_cursor</c></exception>
    public async Task<RowPage<TRow>> Read<TRow>(
        PageRequest page,
        RowOrder order,
        IReadOnlyList<RowFilter> filters,
        CancellationToken cancellationToken
    )
    {
        var (limit, offset) = page.Check();
        Cursor? from = page.Cursor is { } cursor ? Cursor.Parse(cursor, order.Column) : null;
        var table = TableOf(typeof(TRow));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var select = new RowQuery(table, filters).Page(connection, order, from, limit + 1, offset);
        var (rows, last) = (new List<TRow>(), default(Cursor));
        var more = false;
        await using (var reader = await select.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                if (rows.Count == limit)
                    more = true;
                else
                {
                    rows.Add(JsonSerializer.Deserialize<TRow>(reader.GetString(0), Json.Options)!);
                    last = new(order.Column, reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2));
                }
        var (total, exact) = await Total(connection, new RowQuery(table, filters), cancellationToken);
        return new(rows, more ? last.ToString() : null, Math.Max(total, offset + rows.Count), exact);
    }

    static async Task<(long Total, bool Exact)> Total(
        NpgsqlConnection connection,
        RowQuery query,
        CancellationToken cancellationToken
    )
    {
        await using var count = query.Count(connection, CountedUpTo + 1);
        var counted = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
        if (counted <= CountedUpTo)
            return (counted, true);
        await using var estimate = query.Estimate(connection);
        using var plan = JsonDocument.Parse((string)(await estimate.ExecuteScalarAsync(cancellationToken))!);
        var rows = plan.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetDouble();
        return (Math.Max((long)rows, counted), false);
    }

    internal string TableOf(Type row) => store.Options.FindOrResolveDocumentType(row).TableName.QualifiedName;
}

/// <summary>The statements of one list. Columns are the code's own words; values are parameters.</summary>
sealed class RowQuery(string table, IReadOnlyList<RowFilter> filters)
{
    readonly IReadOnlyList<RowFilter> filters = [.. filters.Where(x => x.Values is { Count: > 0 })];

    public NpgsqlCommand Page(NpgsqlConnection connection, RowOrder order, Cursor? from, int limit, int offset)
    {
        var (direction, comes) = order.Descending ? ("desc", "<") : ("asc", ">");
        var behind = from is null ? "" : $" and (d.{order.Column}, d.id) {comes} (@from_at, @from_id)";
        var command = Command(
            connection,
            $"""
            select d.data::text, d.{order.Column}, d.id from {table} d where {Matching}{behind}
            order by d.{order.Column} {direction}, d.id {direction} limit @limit offset @offset
            """
        );
        command.Parameters.AddWithValue("limit", limit);
        command.Parameters.AddWithValue("offset", offset);
        if (from is { } cursor)
        {
            command.Parameters.AddWithValue("from_at", cursor.At);
            command.Parameters.AddWithValue("from_id", cursor.Id);
        }
        return command;
    }

    public NpgsqlCommand Count(NpgsqlConnection connection, int upTo) =>
        Command(connection, $"select count(*) from (select 1 from {table} d where {Matching} limit {upTo}) rows");

    public NpgsqlCommand Estimate(NpgsqlConnection connection) =>
        Command(connection, $"explain (format json) select 1 from {table} d where {Matching}");

    string Matching =>
        string.Join(" and ", filters.Select((x, i) => $"d.{x.Column} = {Value(x, i)}").DefaultIfEmpty("true"));

    // A single value as such: only then do the rows of an index keep their order.
    static string Value(RowFilter filter, int i) => filter.Values!.Count == 1 ? $"@v{i}" : $"any(@v{i})";

    NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var (filter, i) in filters.Select((x, i) => (x, i)))
            command.Parameters.AddWithValue(
                $"v{i}",
                filter.Values!.Count == 1 ? filter.Values[0]! : filter.Values.ToArray()
            );
        return command;
    }
}
