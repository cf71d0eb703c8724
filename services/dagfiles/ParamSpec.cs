using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nightshift.DagFiles;

/// <summary>A parameter of a DAG that is declared with more than a default: its values are JSON.</summary>
/// <param name="Schema">The JSON Schema (2020-12) of its values; null when any value fits.</param>
/// <param name="Default">Its value unless a run gives another; a text may be a Liquid template. Null is JSON's null,
/// and meaningless when <paramref name="Required"/>.</param>
/// <param name="Required">It has no default: each run has to give a value.</param>
/// <param name="Description">What it is, for people; null for nothing.</param>
public sealed record ParamSpec(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Schema,
    JsonElement? Default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Required,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Description
);

/// <summary>An output of a task that is declared: its values are checked, and are JSON for templates.</summary>
/// <param name="Schema">The JSON Schema (2020-12) of its value; null when it only has to be there.</param>
/// <param name="Description">What it is, for people; null for nothing.</param>
public sealed record OutputSpec(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Schema,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Description
);
