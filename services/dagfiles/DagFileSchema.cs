using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nightshift.DagFiles.Fields;

namespace Nightshift.DagFiles;

/// <summary>
/// The JSON Schema of a DAG file (draft 2020-12), made from the table that reads it. It accepts every file that the
/// reader accepts; rules between fields, names of tasks in <c>needs</c> and the inside of templates are beyond it.
/// </summary>
public static class DagFileSchema
{
    static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The schema as a file, with a line break at its end.</summary>
    public static string Text()
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Nightshift DAG file",
        };
        foreach (var (keyword, value) in DagFields.Schema())
            schema[keyword] = value?.DeepClone();
        return schema.ToJsonString(Written) + "\n";
    }
}
