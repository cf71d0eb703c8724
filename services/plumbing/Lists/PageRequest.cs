using System.Buffers.Text;
using System.Globalization;
using System.Text;
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
                $"'offset' is '{Offset}'; give a number from 0 to {MaxOffset}, or the answer's cursor as 'cursor' to read further"
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

/// <summary>The place of a row in a list's order: by time, then by id.</summary>
readonly record struct Cursor(string OrderBy, DateTimeOffset At, string Id)
{
    /// <summary>What callers hand back; they need not know what is in it.</summary>
    public override string ToString() =>
        Base64Url.EncodeToString(
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{OrderBy} {At.UtcTicks} {Id}"))
        );

    /// <exception cref="RejectedException"><c>invalid_cursor</c></exception>
    public static Cursor Parse(string text, string orderBy) =>
        Decoded(text)?.Split(' ', 3) is [var order, var ticks, var id]
        && order == orderBy
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && at <= DateTimeOffset.MaxValue.UtcTicks
        && !id.Contains('\0', StringComparison.Ordinal)
            ? new(order, new DateTimeOffset(at, TimeSpan.Zero), id)
            : throw new RejectedException(
                "invalid_cursor",
                "'cursor' is none that a page of this list in this order answered with; leave it out to begin anew"
            );

    static string? Decoded(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
