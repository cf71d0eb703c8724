using System.Globalization;
using System.Text.Json;

namespace Nightshift.DagFiles.Schemas;

/// <summary>What a schema, and a value that is checked against one, may be.</summary>
public static class SchemaLimits
{
    /// <summary>Characters of a schema, and of a value, as JSON; as many as an output may have bytes.</summary>
    public const int Length = 32 * 1024;

    /// <summary>Lists and objects inside each other. Events and snapshots hold a value some levels deep, and are read
    /// to 64 levels.</summary>
    public const int Depth = 32;

    /// <summary>Schemas within a schema, counting again what <c>$ref</c> repeats.</summary>
    public const int Schemas = 500;

    /// <summary>Values of a value times schemas of its schema, with what those compare: about a second of one
    /// core.</summary>
    public const long Work = 250_000;

    /// <summary>What is wrong with the size or the characters of a value; null when nothing is.</summary>
    public static string? Mistake(JsonElement value) =>
        value.GetRawText().Length > Length ? $"it has more than {Length} characters; give a shorter value"
        : DepthOf(value) > Depth ? $"lists and objects stand more than {Depth} deep inside each other; use fewer"
        : Unstorable(value);

    /// <summary>Why the database cannot keep a value; null when it can.</summary>
    public static string? Unstorable(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray().Select(Unstorable).FirstOrDefault(x => x is not null),
            JsonValueKind.Object => value
                .EnumerateObject()
                .Select(x => Unstorable(() => x.Name) ?? Unstorable(x.Value))
                .FirstOrDefault(x => x is not null),
            JsonValueKind.String => Unstorable(value.GetString),
            JsonValueKind.Number when IsBeyondDouble(value) =>
                "it has a number that no program reads; give one of fewer digits",
            _ => null,
        };

    // The JSON of the database is exact, and gives up at numbers such as 1e999999.
    static bool IsBeyondDouble(JsonElement number) =>
        number.GetRawText() is var text
        && (
            text.Length > 64
            || text.AsSpan().IndexOfAny('e', 'E') is >= 0 and var e
                && (
                    !int.TryParse(text[(e + 1)..], CultureInfo.InvariantCulture, out var exponent)
                    || Math.Abs(exponent) > 300
                )
        );

    static string? Unstorable(Func<string?> text)
    {
        try
        {
            return text()?.Contains('\0') is true
                ? "it has the character U+0000, which cannot be kept; leave it out"
                : null;
        }
        catch (InvalidOperationException)
        {
            return "it has half of a surrogate pair; write the whole character";
        }
    }

    /// <summary>Values in a value, itself included.</summary>
    internal static int Count(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => 1 + value.EnumerateArray().Sum(Count),
            JsonValueKind.Object => 1 + value.EnumerateObject().Sum(x => 1 + Count(x.Value)),
            _ => 1,
        };

    static int DepthOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => 1 + value.EnumerateArray().Select(DepthOf).DefaultIfEmpty().Max(),
            JsonValueKind.Object => 1 + value.EnumerateObject().Select(x => DepthOf(x.Value)).DefaultIfEmpty().Max(),
            _ => 0,
        };
}
