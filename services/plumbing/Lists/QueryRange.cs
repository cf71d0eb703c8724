using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Lists;

/// <summary>
/// Reads bounds as Airflow's lists take them: <c>FIELD_gte</c>, <c>FIELD_gt</c>, <c>FIELD_lte</c>, <c>FIELD_lt</c>.
/// </summary>
public static partial class QueryRange
{
    /// <summary>Bounds in time. An instant without a zone is UTC.</summary>
    /// <param name="query">The request's parameters.</param>
    /// <param name="field">The field's name in parameters.</param>
    /// <param name="column">Its column.</param>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static RowRange<DateTimeOffset> Instants(this IQueryCollection query, string field, string column)
    {
        return new(column, Bound("gte"), Bound("gt"), Bound("lte"), Bound("lt"));
        DateTimeOffset? Bound(string suffix) => query.Instant($"{field}_{suffix}");
    }

    /// <summary>Bounds in numbers.</summary>
    /// <inheritdoc cref="Instants"/>
    public static RowRange<double> Numbers(this IQueryCollection query, string field, string column)
    {
        return new(column, Bound("gte"), Bound("gt"), Bound("lte"), Bound("lt"));
        double? Bound(string suffix) => query.Number($"{field}_{suffix}");
    }

    /// <summary>One instant; null when the parameter is absent.</summary>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static DateTimeOffset? Instant(this IQueryCollection query, string name) =>
        query[name].ToString() is not { Length: > 0 } text ? null
        // a plus that was not escaped arrives as a space
        : Iso().IsMatch(text)
        && DateTimeOffset.TryParse(
            UnescapedPlus().Replace(text, "+$1"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var instant
        )
            ? instant
        : throw new RejectedException(
            $"invalid_{name}",
            $"'{name}' is '{text}'; give an instant such as 2026-01-31T09:00:00Z"
        );

    /// <summary>One number; null when the parameter is absent.</summary>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static double? Number(this IQueryCollection query, string name) =>
        query[name].ToString() is not { Length: > 0 } text ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
        : throw new RejectedException($"invalid_{name}", $"'{name}' is '{text}'; give a number such as 1.5");

    /// <summary>One whole number; null when the parameter is absent.</summary>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static int? Whole(this IQueryCollection query, string name) =>
        query[name].ToString() is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw new RejectedException($"invalid_{name}", $"'{name}' is '{text}'; give a whole number");

    /// <summary>True, false, or null when the parameter is absent.</summary>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static bool? Truth(this IQueryCollection query, string name) =>
        query[name].ToString() is not { Length: > 0 } text ? null
        : bool.TryParse(text, out var truth) ? truth
        : throw new RejectedException($"invalid_{name}", $"'{name}' is '{text}'; give true or false");

    /// <summary>A pattern; null when the parameter is absent.</summary>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static SearchPattern? Pattern(this IQueryCollection query, string name) =>
        SearchPattern.Parse(name, query[name].ToString());

    /// <summary>The values of a parameter that may be repeated, each one of the words there are.</summary>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static IReadOnlyList<string> Words(this IQueryCollection query, string name, IReadOnlyList<string> words) =>
        [.. query[name].Select(x => RequireWord(name, x, words))];

    static string RequireWord(string name, string? value, IReadOnlyList<string> words) =>
        value is not null && words.Contains(value)
            ? value
            : throw new RejectedException(
                $"invalid_{name}",
                $"'{name}' is '{value}'; give one of {string.Join(", ", words)}"
            );

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]|\z)")]
    private static partial Regex Iso();

    [GeneratedRegex(@" ([0-9]{2}:?[0-9]{2})\z(?<=:.* .*)")]
    private static partial Regex UnescapedPlus();
}
