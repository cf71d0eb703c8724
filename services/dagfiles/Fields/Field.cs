using System.Text.Json.Nodes;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>
/// One key of a mapping in a DAG file, with all that reading, the JSON Schema and the documentation know of it.
/// </summary>
/// <typeparam name="TDraft">What the mapping's fields are put together in.</typeparam>
/// <param name="Name">The key.</param>
/// <param name="Type">What may stand there, in words.</param>
/// <param name="Schema">What may stand there, as JSON Schema.</param>
/// <param name="Doc">What it means: a sentence or several, in Markdown.</param>
/// <param name="Example">A value, as YAML.</param>
/// <param name="Default">What holds without it: a value as YAML; null when that is nothing.</param>
/// <param name="Read">Puts what stands there into the draft, or notes the mistake and leaves the draft.</param>
sealed record Field<TDraft>(
    string Name,
    string Type,
    JsonObject Schema,
    string Doc,
    string Example,
    string? Default,
    Func<YamlReader, YamlNode, string, TDraft, TDraft> Read
)
{
    /// <summary>The same field for a draft that holds this one.</summary>
    public Field<TOuter> In<TOuter>(Func<TOuter, TDraft> get, Func<TOuter, TDraft, TOuter> set) =>
        new(
            Name,
            Type,
            Schema,
            Doc,
            Example,
            Default,
            (reader, node, what, outer) => set(outer, Read(reader, node, what, get(outer)))
        );
}
