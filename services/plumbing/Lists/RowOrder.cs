using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Lists;

/// <summary>How a list is ordered: by one column, then by id.</summary>
/// <param name="Column">The duplicated column of a row's time, or number.</param>
/// <param name="Descending">The latest, or the greatest, first.</param>
public sealed record RowOrder(string Column, bool Descending = true)
{
    /// <summary>True when rows may have no value there. They come last, as in Airflow.</summary>
    public bool HasNulls { get; init; }

    /// <summary>True for a number, false for an instant.</summary>
    public bool IsNumber { get; init; }

    /// <summary>Reads Airflow's <c>order_by</c>: a column's name, with a dash in front for descending.</summary>
    /// <param name="text">What was asked for; null for the default.</param>
    /// <param name="columns">The names that may be asked for and their columns; the first is the default.</param>
    /// <exception cref="RejectedException"><c>invalid_order_by</c></exception>
    public static RowOrder Parse(string? text, params IReadOnlyList<(string Name, string Column)> columns) =>
        Parse(text, [.. columns.Select(x => (x.Name, new RowOrder(x.Column)))]);

    /// <inheritdoc cref="Parse(string?, IReadOnlyList{ValueTuple{string, string}})"/>
    public static RowOrder Parse(string? text, IReadOnlyList<(string Name, RowOrder Order)> columns) =>
        string.IsNullOrEmpty(text) ? columns[0].Order
        : columns.FirstOrDefault(x => x.Name == (text[0] == '-' ? text[1..] : text)) is { Order: { } order }
            ? order with
            {
                Descending = text[0] == '-',
            }
        : throw new RejectedException(
            "invalid_order_by",
            $"'order_by' is '{text}'; give one of {string.Join(", ", columns.Select(x => x.Name))}, "
                + "with '-' in front for descending order"
        );
}
