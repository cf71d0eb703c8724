using System.Text.RegularExpressions;
using Fluid.Values;

namespace Nightshift.DagFiles.Templates;

/// <summary>What one template may be and make.</summary>
static partial class TemplateLimits
{
    /// <summary>Characters of a template, of each value in between, and of the result. No longer variable fits a
    /// program.</summary>
    public const int Length = 128 * 1024;

    /// <summary>Statements that one rendering carries out.</summary>
    public const int Steps = 10_000;

    /// <summary>Blocks inside each other. The parser and the renderer recurse per block.</summary>
    public const int Blocks = 50;

    /// <summary>Filters, conditions and indexes of one tag, for the same reason.</summary>
    public const int Operators = 200;

    /// <summary>Why a template may not even be parsed; null when it may.</summary>
    public static string? Mistake(string text)
    {
        if (text.Length > Length)
            return $"It has {text.Length} characters; at most {Length} are allowed";
        var depth = 0;
        foreach (Match tag in Tag().Matches(text))
        {
            var inside = tag.Value;
            if (Operator().Count(inside) > Operators)
                return $"A tag has more than {Operators} filters, conditions and indexes; use fewer";
            if (Block().IsMatch(inside) && ++depth > Blocks)
                return $"Blocks stand more than {Blocks} deep inside each other; use fewer";
            if (inside.AsSpan().TrimStart("{%- \t\r\n").StartsWith("end"))
                depth = Math.Max(depth - 1, 0);
        }
        return null;
    }

    /// <summary>Characters and elements of a value, counted no further than <paramref name="most"/>.</summary>
    public static long SizeOf(FluidValue value, long most = Length + 1) =>
        value switch
        {
            StringValue text => text.ToStringValue().Length,
            ArrayValue list => Sum(list.Values, most),
            DictionaryValue map when map.ToObjectValue() is IFluidIndexable entries => Sum(Entries(entries), most),
            _ => 32, // numbers, instants, booleans
        };

    static long Sum(IEnumerable<FluidValue> values, long most)
    {
        var size = 0L;
        foreach (var value in values)
            if ((size += 1 + SizeOf(value, most - size)) >= most)
                break;
        return size;
    }

    static IEnumerable<FluidValue> Entries(IFluidIndexable entries)
    {
        foreach (var key in entries.Keys)
        {
            yield return new StringValue(key);
            if (entries.TryGetValue(key, out var value))
                yield return value;
        }
    }

    // An unclosed tag is one too: it is parsed before the end is found missing.
    [GeneratedRegex(@"\{%(?:[^%]|%(?!\}))*|\{\{(?:[^}]|\}(?!\}))*")]
    private static partial Regex Tag();

    [GeneratedRegex(@"[|\[(\n]|\b(?:and|or)\b")]
    private static partial Regex Operator();

    [GeneratedRegex(@"\A\{%-?\s*(?:if|unless|case|for|tablerow|capture|ifchanged|comment|raw|liquid)\b")]
    private static partial Regex Block();
}
