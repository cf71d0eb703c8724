using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nightshift.DagFiles;

/// <summary>
/// The JSON whose hash is a DAG's version: camelCase names, enums as strings, members in the order of their
/// declaration. Any change here gives every DAG a new version.
/// </summary>
static class CanonicalJson
{
    /// <summary>How it is written.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
}
