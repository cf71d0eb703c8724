using System.Text.Json;
using System.Text.Json.Nodes;
using Nightshift.DagFiles.Schemas;

namespace Nightshift.DagFiles;

/// <summary>Judges declarations of parameters that do not come from a DAG file.</summary>
public static class ParamDeclaration
{
    /// <summary>Why a schema cannot be used with a default; null when it can.</summary>
    public static string? MistakeIn(JsonNode schema, JsonNode? @default)
    {
        var (json, value) = (JsonSerializer.SerializeToElement(schema), JsonSerializer.SerializeToElement(@default));
        return SchemaRules.MistakesIn(json) is [var mistake, ..] ? mistake.Text
            : ValueSchema.Of(json).Check("default", value) is [var violation, ..]
                ? $"The default does not fit it: {violation.Text}"
            : null;
    }
}
