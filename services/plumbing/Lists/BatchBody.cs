using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Lists;

/// <summary>
/// The body of Airflow's <c>POST …/list</c>: the parameters of a list, where an address would be too long for them.
/// </summary>
public static class BatchBody
{
    static readonly string[] Paging = ["order_by", "page_limit", "page_offset", "cursor"];

    /// <summary>Names of the bounds of some fields.</summary>
    public static IEnumerable<string> Bounds(params IEnumerable<string> fields) =>
        fields.SelectMany(x => new[] { $"{x}_gte", $"{x}_gt", $"{x}_lte", $"{x}_lt" });

    /// <summary>The body as parameters. A field that is null is absent, and a list is a repeated parameter.</summary>
    /// <param name="body">The body.</param>
    /// <param name="fields">What it may have beside order and page.</param>
    /// <exception cref="RejectedException"><c>invalid_body</c>, or <c>invalid_…</c> with the name of the
    /// field</exception>
    public static IQueryCollection Read(JsonElement body, IReadOnlyCollection<string> fields)
    {
        if (body.ValueKind is not JsonValueKind.Object)
            throw new RejectedException("invalid_body", "The body is no JSON object; give one, such as {}");
        var values = new Dictionary<string, StringValues>();
        foreach (var field in body.EnumerateObject())
        {
            if (!Paging.Contains(field.Name) && !fields.Contains(field.Name))
                throw new RejectedException(
                    "invalid_body",
                    $"'{field.Name}' is no field of this list; give some of {string.Join(", ", Paging.Concat(fields))}"
                );
            values[field.Name] =
                field.Value.ValueKind is JsonValueKind.Array
                    ? new StringValues(field.Value.EnumerateArray().Select(x => Element(field.Name, x)).ToArray())
                    : Text(field.Name, field.Value);
        }
        return new QueryCollection(values);
    }

    /// <summary>Which part is asked for, by <c>page_limit</c> and <c>page_offset</c>.</summary>
    public static PageRequest Page(IQueryCollection body) =>
        new()
        {
            Limit = body["page_limit"],
            Offset = body["page_offset"],
            Cursor = body["cursor"].Count == 0 ? null : body["cursor"].ToString(),
        };

    static string Element(string field, JsonElement value) =>
        Text(field, value)
        ?? throw new RejectedException($"invalid_{field}", $"'{field}' holds null in its list; leave it out");

    static string? Text(string field, JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Object or JsonValueKind.Array => throw new RejectedException(
                $"invalid_{field}",
                $"'{field}' holds an object or a list; give texts or numbers"
            ),
            _ => value.GetRawText(),
        };
}
