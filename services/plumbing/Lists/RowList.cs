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

/// <summary>
/// Reads lists of rows through the indexes that <see cref="RowIndexes"/> makes. However many rows there are, a page
/// costs its own rows, and the total at most <see cref="ListTotal.CountedUpTo"/>.
/// </summary>
public sealed class RowList(IDocumentStore store, NpgsqlDataSource database)
{
    /// <summary>One page.</summary>
    /// <exception cref="RejectedException"><c>invalid_page</c> or <c>invalid_cursor</c></exception>
    public async Task<RowPage<TRow>> Read<TRow>(
        PageRequest page,
        RowOrder order,
        IReadOnlyList<RowCondition> conditions,
        CancellationToken cancellationToken
    )
    {
        var (limit, offset) = page.Check();
        Cursor? from = page.Cursor is { } cursor ? Cursor.Parse(cursor, order) : null;
        var table = TableOf(typeof(TRow));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var select = new RowQuery(table, conditions).Page(connection, order, from, limit + 1, offset);
        var (rows, last) = (new List<TRow>(), default(Cursor));
        var more = false;
        await using (var reader = await select.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                if (rows.Count == limit)
                    more = true;
                else
                {
                    rows.Add(JsonSerializer.Deserialize<TRow>(reader.GetString(0), Json.Options)!);
                    last = new(order.Column, KeyOf(reader, order), reader.GetString(2));
                }
        var query = new RowQuery(table, conditions);
        await using var estimate = query.Estimate(connection);
        await using var count = query.Count(connection, ListTotal.CountedUpTo + 1);
        var (total, exact) = await ListTotal.Of(
            rows.Count == 0 ? 0 : offset + rows.Count,
            isWhole: !more && from is null && (rows.Count > 0 || offset == 0),
            more,
            estimate,
            count,
            cancellationToken
        );
        return new(rows, more ? last.ToString() : null, total, exact);
    }

    static object? KeyOf(NpgsqlDataReader reader, RowOrder order) =>
        reader.IsDBNull(1) ? null
        : order.IsNumber ? reader.GetDouble(1)
        : reader.GetFieldValue<DateTimeOffset>(1);

    internal string TableOf(Type row) => store.Options.FindOrResolveDocumentType(row).TableName.QualifiedName;
}
