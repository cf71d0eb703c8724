using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Nightshift.Scheduler.Dags;

/// <summary>Walks YAML nodes and collects mistakes with their lines instead of stopping at the first.</summary>
sealed class YamlReader
{
    readonly List<DagMistake> mistakes = [];

    public IReadOnlyList<DagMistake> Mistakes => [.. mistakes.Distinct().OrderBy(x => x.Line)];

    public void Wrong(YamlNode node, string text) => mistakes.Add(new((int)node.Start.Line, text));

    public void Wrong(Mark mark, string text) => mistakes.Add(new((int)mark.Line, text));

    /// <summary>
    /// The mapping's entries; unknown keys are mistakes, with the nearest known key as the suggestion.
    /// </summary>
    public IReadOnlyDictionary<string, YamlNode> Map(YamlNode node, string what, params IReadOnlyList<string> known)
    {
        if (node is not YamlMappingNode map)
        {
            Wrong(
                node,
                $"{what} must be a mapping{(known.Count > 0 ? $" with the keys {string.Join(", ", known)}" : " of names to values")}"
            );
            return new Dictionary<string, YamlNode>();
        }
        var entries = new Dictionary<string, YamlNode>();
        foreach (var (key, value) in map.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (known.Count > 0 && !known.Contains(name))
                Wrong(key, $"{what} has no key '{name}'{Suggestion(name, known)}");
            else
                entries[name] = value;
        }
        return entries;
    }

    /// <summary>What stands under these keys; null when nothing does.</summary>
    public static YamlNode? Find(YamlNode? node, params IReadOnlyList<string> keys) =>
        keys.Aggregate(
            node,
            (inside, key) =>
                (inside as YamlMappingNode)
                    ?.Children.FirstOrDefault(x => x.Key is YamlScalarNode name && name.Value == key)
                    .Value
        );

    public string? Text(YamlNode node, string what)
    {
        if (node is YamlScalarNode { Value: { } text })
            return text;
        Wrong(node, $"{what} must be text");
        return null;
    }

    /// <summary>A list of texts; a single text counts as a list of one.</summary>
    public IReadOnlyList<string> Texts(YamlNode node, string what) =>
        node switch
        {
            YamlSequenceNode list => [.. list.Select(x => Text(x, $"Each entry of {what}")).OfType<string>()],
            _ => Text(node, $"{what} must be a list; an entry") is { } one ? [one] : [],
        };

    public int? Whole(YamlNode node, string what, int from, int to)
    {
        if (
            node is YamlScalarNode x
            && int.TryParse(x.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= from
            && number <= to
        )
            return number;
        Wrong(node, $"{what} is '{node}'; write a whole number from {from} to {to}");
        return null;
    }

    public double? Number(YamlNode node, string what, double from, double to)
    {
        if (
            node is YamlScalarNode x
            && double.TryParse(x.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number >= from
            && number <= to
        )
            return number;
        Wrong(
            node,
            string.Create(CultureInfo.InvariantCulture, $"{what} is '{node}'; write a number from {from} to {to}")
        );
        return null;
    }

    public bool? Flag(YamlNode node, string what)
    {
        if (node is YamlScalarNode { Value: "true" or "false" } x)
            return x.Value == "true";
        Wrong(node, $"{what} is '{node}'; write true or false");
        return null;
    }

    /// <summary>A duration such as 500ms, 30s, 10m, 2h, 1d.</summary>
    public TimeSpan? Duration(YamlNode node, string what, TimeSpan from, TimeSpan to)
    {
        if (
            node is YamlScalarNode { Value: { } text }
            && Durations.TryParse(text, out var duration)
            && duration >= from
            && duration <= to
        )
            return duration;
        Wrong(
            node,
            $"{what} is '{node}'; write a duration from {Durations.Write(from)} to {Durations.Write(to)}, such as 30s, 10m, 2h"
        );
        return null;
    }

    /// <summary>A memory size such as 256MiB or 2GiB, in MiB.</summary>
    public int? Memory(YamlNode node, string what)
    {
        if (node is YamlScalarNode { Value: { } text })
            foreach (var (unit, factor) in new[] { ("MiB", 1), ("GiB", 1024) })
                if (
                    text.EndsWith(unit, StringComparison.Ordinal)
                    && int.TryParse(text[..^3].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                    && size <= 1024 * 1024 / factor
                    && size * factor >= 6
                )
                    return size * factor;
        Wrong(node, $"{what} is '{node}'; write a size from 6MiB to 1024GiB, such as 256MiB or 2GiB");
        return null;
    }

    public static string Suggestion(string name, IReadOnlyList<string> known) =>
        known.Select(x => (x, distance: Distance(name, x))).OrderBy(x => x.distance).FirstOrDefault()
            is
                (not null, <= 3)
                and var nearest
            ? $"; did you mean '{nearest.x}'?"
            : $"; use one of {string.Join(", ", known)}";

    // Levenshtein's edit distance.
    internal static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (
                    row[j],
                    Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1))
                );
        }
        return row[b.Length];
    }
}
