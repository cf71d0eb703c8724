using System.Text.Json.Nodes;

namespace Nightshift.Cli.Dags.Import;

/// <summary>
/// A mapping of a DAG file, in the order in which it is written. A value is a text (<see cref="string"/>), a
/// <see cref="YamlPlain"/>, a list of them, another mapping, or any JSON.
/// </summary>
/// <param name="flow">Written on one line, in braces.</param>
sealed class YamlMap(bool flow = false)
{
    readonly List<(string Key, object Value)> entries = [];

    public bool Flow => flow;

    public IReadOnlyList<(string Key, object Value)> Entries => entries;

    public object? this[string key] => entries.FirstOrDefault(x => x.Key == key).Value;

    /// <summary>Adds an entry, instead of one of the same key; nothing when it has no value or is empty.</summary>
    public YamlMap Add(string key, object? value)
    {
        if (value is null or YamlMap { Entries.Count: 0 } or IReadOnlyList<string> { Count: 0 })
            return this;
        Remove(key);
        entries.Add((key, value));
        return this;
    }

    public void Remove(string key) => entries.RemoveAll(x => x.Key == key);
}

/// <summary>A value that is written without quotes: a number, <c>true</c>, a duration.</summary>
sealed record YamlPlain(string Text)
{
    public static YamlPlain True { get; } = new("true");

    public static YamlPlain False { get; } = new("false");
}

/// <summary>Any JSON, written on one line. Texts stand in quotes, so that each stays a text.</summary>
sealed record YamlJson(JsonNode? Json);
