namespace Nightshift.DagFiles.Yaml;

/// <summary>What a plain scalar means by YAML 1.2's core schema; quoted and block scalars are always text.</summary>
enum ScalarKind
{
    Null,
    Boolean,
    Integer,
    Float,
    Text,
}

/// <summary>A part of a YAML document, aliases and merge keys resolved.</summary>
/// <param name="Line">The line in which it begins in the file, from 1.</param>
/// <param name="Column">The column in which it begins, from 1.</param>
/// <param name="Weight">Its characters and values, counting again whatever aliases repeat.</param>
abstract record YamlNode(int Line, int Column, long Weight);

/// <summary>A single value.</summary>
/// <param name="Text">As written, escapes and folding resolved: <c>1.10</c> stays <c>1.10</c>.</param>
/// <param name="Kind">What it means.</param>
/// <param name="Plain">Without quotes, and not a block.</param>
/// <param name="Line">The line in which it begins.</param>
/// <param name="Column">The column in which it begins.</param>
sealed record YamlScalar(string Text, ScalarKind Kind, bool Plain, int Line, int Column)
    : YamlNode(Line, Column, 1 + Text.Length);

/// <summary>A list.</summary>
sealed record YamlSequence(IReadOnlyList<YamlNode> Items, int Line, int Column, long Weight)
    : YamlNode(Line, Column, Weight);

/// <summary>A mapping; keys are text as written, so <c>on</c> and <c>1</c> are keys like others.</summary>
sealed record YamlMapping(IReadOnlyList<YamlEntry> Entries, int Line, int Column, long Weight)
    : YamlNode(Line, Column, Weight)
{
    readonly Dictionary<string, YamlNode> byName = Entries.ToDictionary(x => x.Key.Text, x => x.Value);

    /// <summary>What stands under a key; null when nothing does.</summary>
    public YamlNode? Find(string key) => byName.GetValueOrDefault(key);
}

/// <summary>One key of a mapping and its value.</summary>
sealed record YamlEntry(YamlScalar Key, YamlNode Value);
