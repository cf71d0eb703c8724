using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Lists;

/// <summary>Which part of a list is asked for. By cursor, or by offset as Airflow's clients do.</summary>
public sealed record PageRequest
{
    /// <summary>The largest page.</summary>
    public const int MaxLimit = 1000;

    /// <summary>The largest offset: rows passed over are read. Beyond it a cursor is needed.</summary>
    public const int MaxOffset = 10_000;

    /// <summary>Rows in the answer at most, 1 to 1000, default 100.</summary>
    [FromQuery(Name = "limit")]
    public string? Limit { get; init; }

    /// <summary>Rows to pass over, 0 to 10000, default 0.</summary>
    [FromQuery(Name = "offset")]
    public string? Offset { get; init; }

    /// <summary>Where the page before ended, as its answer said; absent for the first page.</summary>
    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    /// <summary>The same as numbers, with defaults.</summary>
    /// <exception cref="RejectedException"><c>invalid_page</c></exception>
    public (int Limit, int Offset) Check() =>
        (Number(Limit, otherwise: 100), Number(Offset, otherwise: 0)) switch
        {
            (null or < 1 or > MaxLimit, _) => throw Invalid(
                $"'limit' is '{Limit}'; give a number from 1 to {MaxLimit}"
            ),
            (_, null or < 0 or > MaxOffset) => throw Invalid(
                $"'offset' is '{Offset}'; give a number from 0 to {MaxOffset}, or the answer's cursor as 'cursor' "
                    + "to read further"
            ),
            (_, > 0) when Cursor is not null => throw Invalid("Give 'cursor' or 'offset', not both"),
            ({ } limit, { } offset) => (limit, offset),
        };

    static int? Number(string? text, int otherwise) =>
        string.IsNullOrEmpty(text) ? otherwise
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : null;

    static RejectedException Invalid(string text) => new("invalid_page", text);
}
