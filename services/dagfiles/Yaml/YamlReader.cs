using System.Globalization;
using Nightshift.Timetables;

namespace Nightshift.DagFiles.Yaml;

/// <summary>Walks YAML nodes and collects mistakes with their lines instead of stopping at the first.</summary>
sealed class YamlReader
{
    const int MaxShown = 60; // characters of a value in a mistake
    const int MaxSuggestions = 12; // names in a mistake
    const int MaxCompared = 1000; // names looked through for a suggestion

    static readonly IReadOnlyDictionary<string, YamlNode> Nothing = new Dictionary<string, YamlNode>();

    readonly HashSet<DagMistake> mistakes = [];

    /// <summary>Whether anything is wrong so far.</summary>
    public bool HasMistakes => mistakes.Count > 0;

    /// <summary>Whether so much is wrong that looking for more is not worth the time.</summary>
    public bool IsFull => mistakes.Count >= DagFileLimits.Mistakes;

    /// <summary>What is wrong, by line, within <see cref="DagFileLimits.MistakeBytes"/>.</summary>
    public IReadOnlyList<DagMistake> Mistakes(string file) =>
        DagMistake.Bounded([.. mistakes.OrderBy(x => x.Line)], more, file);

    int more;

    /// <summary>Notes what is wrong with a value or a key, and what to write instead.</summary>
    public void Wrong(YamlNode node, string text)
    {
        if (!IsFull)
            mistakes.Add(new(node.Line, text) { Column = node.Column });
        else
            more++;
    }

    /// <summary>
    /// The mapping's entries, none when it has no value; unknown keys are mistakes, with the nearest known key as the
    /// suggestion.
    /// </summary>
    public IReadOnlyDictionary<string, YamlNode> Map(YamlNode node, string what, params IReadOnlyList<string> known)
    {
        if (IsNull(node))
            return Nothing;
        if (node is not YamlMapping map)
        {
            Wrong(
                node,
                $"{what} must be a mapping"
                    + (
                        known.Count > 0
                            ? $" with the key{(known.Count > 1 ? "s" : "")} {List(known)}"
                            : " of names to values"
                    )
            );
            return Nothing;
        }
        var entries = new Dictionary<string, YamlNode>();
        foreach (var (key, value) in map.Entries)
        {
            if (known.Count > 0 && !known.Contains(key.Text))
                Wrong(key, $"{what} has no key '{Shown(key.Text)}'{Suggestion(key.Text, known)}");
            else
                entries[key.Text] = value;
        }
        return entries;
    }

    /// <summary>What stands under these keys; null when nothing does.</summary>
    public static YamlNode? Find(YamlNode? node, params IReadOnlyList<string> keys) =>
        keys.Aggregate(node, (inside, key) => (inside as YamlMapping)?.Find(key));

    /// <summary>Whether a key has no value: nothing, <c>~</c> or <c>null</c>.</summary>
    public static bool IsNull(YamlNode node) => node is YamlScalar { Kind: ScalarKind.Null };

    /// <summary>A text as the file writes it; numbers and booleans are texts too.</summary>
    public string? Text(YamlNode node, string what)
    {
        if (node is YamlScalar { Kind: not ScalarKind.Null } scalar)
            return scalar.Text;
        Wrong(
            node,
            node is YamlScalar scalarWithout && scalarWithout.Text.Length > 0
                    ? $"{what} is {scalarWithout.Text}, which is no value; write a text, put "
                        + $"\"{scalarWithout.Text}\" in quotes, or leave the key out"
                : node is YamlScalar ? $"{what} has no value; write one, or leave the key out"
                : $"{what} must be text, not {Shown(node)}"
        );
        return null;
    }

    /// <summary>A list of texts, empty without a value; a single text counts as a list of one.</summary>
    public IReadOnlyList<string> Texts(YamlNode node, string what) =>
        node switch
        {
            _ when IsNull(node) => [],
            YamlSequence list => [.. list.Items.Select(x => Text(x, $"An entry of {what}")).OfType<string>()],
            _ => Text(node, $"{what} must be a list; an entry") is { } one ? [one] : [],
        };

    public int? Whole(YamlNode node, string what, int from, int to)
    {
        // YAML 1.1 reads 010 as 8 and 1.2 as 10: whoever wrote it may mean either.
        var text = (node as YamlScalar)?.Text ?? "";
        var ambiguous = text is ['0', >= '0' and <= '9', ..];
        if (
            !ambiguous
            && CoreSchema.KindOf(text) is ScalarKind.Integer
            && CoreSchema.TryNumber(text, out var number)
            && number >= from
            && number <= to
        )
            return (int)number;
        Wrong(
            node,
            $"{what} is {Quoted(node)}; write a whole number from {from} to {to}"
                + $"{(ambiguous ? " without a zero before it" : "")}"
        );
        return null;
    }

    public double? Number(YamlNode node, string what, double from, double to)
    {
        if (
            CoreSchema.TryNumber((node as YamlScalar)?.Text ?? "", out var number)
            && (double)number >= from
            && (double)number <= to
        )
            return (double)number;
        Wrong(
            node,
            string.Create(CultureInfo.InvariantCulture, $"{what} is {Quoted(node)}; write a number from {from} to {to}")
        );
        return null;
    }

    public bool? Flag(YamlNode node, string what)
    {
        if (node is YamlScalar x && CoreSchema.KindOf(x.Text) is ScalarKind.Boolean)
            return x.Text is ['t' or 'T', ..];
        Wrong(node, $"{what} is {Quoted(node)}; write true or false");
        return null;
    }

    /// <summary>A duration such as 500ms, 30s, 10m, 2h, 1d.</summary>
    public TimeSpan? Duration(YamlNode node, string what, TimeSpan from, TimeSpan to)
    {
        if (
            node is YamlScalar { Text: var text }
            && Durations.TryParse(text, out var duration)
            && duration >= from
            && duration <= to
        )
            return duration;
        Wrong(
            node,
            $"{what} is {Quoted(node)}; write a duration from {Durations.Write(from)} to {Durations.Write(to)}, "
                + $"such as 30s, 10m, 2h"
        );
        return null;
    }

    /// <summary>A memory size such as 256MiB or 2GiB, in MiB.</summary>
    public int? Memory(YamlNode node, string what)
    {
        if (node is YamlScalar { Text: var text })
            foreach (var (unit, factor) in new[] { ("MiB", 1), ("GiB", 1024) })
                if (
                    text.EndsWith(unit, StringComparison.Ordinal)
                    && int.TryParse(text[..^3].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                    && size <= 1024 * 1024 / factor
                    && size * factor >= 6
                )
                    return size * factor;
        Wrong(node, $"{what} is {Quoted(node)}; write a size from 6MiB to 1024GiB, such as 256MiB or 2GiB");
        return null;
    }

    /// <summary>A value as mistakes show it: short, whatever the file has.</summary>
    public static string Shown(string text) => text.Length <= MaxShown ? text : $"{text[..MaxShown]}…";

    static string Shown(YamlNode node) =>
        node switch
        {
            YamlScalar scalar => Shown(scalar.Text),
            YamlSequence => "a list",
            _ => "a mapping",
        };

    static string Quoted(YamlNode node) => node is YamlScalar ? $"'{Shown(node)}'" : Shown(node);

    public static string Suggestion(string name, IEnumerable<string> known)
    {
        var nearest = known
            .Take(MaxCompared)
            .Where(x => x.Length <= 100 && Math.Abs(x.Length - name.Length) <= 3)
            .Select(x => (x, distance: EditDistance.Between(name, x)))
            .OrderBy(x => x.distance)
            .FirstOrDefault();
        return nearest is (not null, <= 3) ? $"; did you mean '{nearest.x}'?" : $"; use one of {List(known)}";
    }

    /// <summary>Names in a mistake, not all of many.</summary>
    public static string List(IEnumerable<string> names)
    {
        var first = names.Take(MaxSuggestions + 1).Select(Shown).ToList();
        return string.Join(", ", first.Take(MaxSuggestions)) + (first.Count > MaxSuggestions ? ", …" : "");
    }
}
