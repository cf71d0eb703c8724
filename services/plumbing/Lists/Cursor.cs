using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Lists;

/// <summary>The place of a row in a list's order: by instant or number, then by id.</summary>
/// <param name="OrderBy">The column that orders.</param>
/// <param name="Key">Its value, a <see cref="DateTimeOffset"/> or a <see cref="double"/>; null for a row
/// without.</param>
/// <param name="Id">The row's id.</param>
readonly record struct Cursor(string OrderBy, object? Key, string Id)
{
    const string NoKey = "-";

    /// <summary>What callers hand back; they need not know what is in it.</summary>
    public override string ToString()
    {
        var key = Key switch
        {
            DateTimeOffset at => at.UtcTicks.ToString(CultureInfo.InvariantCulture),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            _ => NoKey,
        };
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{OrderBy} {key} {Id}"));
    }

    /// <exception cref="RejectedException"><c>invalid_cursor</c></exception>
    public static Cursor Parse(string text, RowOrder by) =>
        Decoded(text)?.Split(' ', 3) is [var order, var key, var id]
        && order == by.Column
        && !id.Contains('\0', StringComparison.Ordinal)
            ? new(order, KeyOf(key, by), id)
            : throw Invalid();

    static object? KeyOf(string text, RowOrder by) =>
        text == NoKey && by.HasNulls ? null
        : by.IsNumber ? Number(text)
        : Instant(text);

    static object Instant(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && at <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(at, TimeSpan.Zero)
            : throw Invalid();

    static object Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Invalid();

    static RejectedException Invalid() =>
        new(
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
