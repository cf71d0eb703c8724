using System.Text.Json;

namespace Nightshift.Conformance.Tests;

/// <summary>A file of vectors: a JSON object, each of whose lists holds vectors.</summary>
public sealed record VectorFile(string Name, IReadOnlyList<Vector> Vectors)
{
    /// <summary>The JSON files of a folder and those below it that hold vectors, by name.</summary>
    public static IReadOnlyList<VectorFile> Find(string folder) =>
        [
            .. Directory
                .EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(path => Read(path, Path.GetRelativePath(folder, path)))
                .Where(x => x.Vectors.Count > 0),
        ];

    public static VectorFile Read(string path, string name)
    {
        try
        {
            var root = JsonElement.Parse(File.ReadAllText(path));
            return new(name, root.ValueKind is JsonValueKind.Object ? [.. Sections(root)] : []);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{name} is no JSON: {e.Message}", e);
        }
    }

    // {"vectors": [{…}], "table": {"all_success": [[…], …]}}
    static IEnumerable<Vector> Sections(JsonElement root) =>
        root.EnumerateObject()
            .SelectMany(x =>
                x.Value.ValueKind is JsonValueKind.Object
                    ? x.Value.EnumerateObject().SelectMany(y => Rows($"{x.Name}/{y.Name}", y.Value))
                    : Rows(x.Name, x.Value)
            );

    static IEnumerable<Vector> Rows(string section, JsonElement list) =>
        list.ValueKind is not JsonValueKind.Array
            ? []
            : list.EnumerateArray()
                .Where(x => x.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                .Select((x, i) => new Vector(section, new Vector("", "", x).Text("id") ?? $"{section}[{i}]", x));
}
