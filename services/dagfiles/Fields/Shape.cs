using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>Reads one value.</summary>
/// <param name="reader">Collects what is wrong.</param>
/// <param name="node">The value as the file has it.</param>
/// <param name="what">How mistakes call it: its path in quotes.</param>
/// <param name="value">What was read.</param>
/// <returns>False when the reader has noted what is wrong.</returns>
delegate bool ReadValue<T>(YamlReader reader, YamlNode node, string what, [MaybeNullWhen(false)] out T value);

/// <summary>What may stand under a key: how it is read, described to editors, and named in the documentation.</summary>
/// <param name="Type">Its name in the documentation, such as <c>a whole number from 0 to 100</c>.</param>
/// <param name="Schema">Its JSON Schema. It accepts whatever <paramref name="Read"/> accepts; what JSON Schema cannot
/// say, such as the range of a duration, only <paramref name="Read"/> refuses.</param>
/// <param name="Read">Reads it.</param>
sealed record Shape<T>(string Type, JsonObject Schema, ReadValue<T> Read);

/// <summary>Makes shapes of functions that answer null where the reader has noted a mistake.</summary>
static class Shape
{
    public static Shape<T> Of<T>(string type, JsonObject schema, Func<YamlReader, YamlNode, string, T?> read)
        where T : class =>
        new(
            type,
            schema,
            (YamlReader reader, YamlNode node, string what, [MaybeNullWhen(false)] out T value) =>
                (value = read(reader, node, what)) is not null
        );

    public static Shape<T> OfValue<T>(string type, JsonObject schema, Func<YamlReader, YamlNode, string, T?> read)
        where T : struct =>
        new(
            type,
            schema,
            (YamlReader reader, YamlNode node, string what, out T value) =>
            {
                var found = read(reader, node, what);
                value = found.GetValueOrDefault();
                return found.HasValue;
            }
        );
}
