using System.Globalization;
using System.Text.Json.Nodes;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>The JSON of YAML's core schema, as editors give it to a JSON Schema.</summary>
static class YamlJson
{
    /// <summary>The value of a piece of YAML.</summary>
    public static JsonNode? Parse(string yaml) => Of(YamlLoader.Load(yaml).Root!);

    /// <summary>The value of a node. Numbers that JSON has not, such as <c>.inf</c>, are text.</summary>
    public static JsonNode? Of(YamlNode node) =>
        node switch
        {
            YamlScalar { Kind: ScalarKind.Null } => null,
            YamlScalar { Kind: ScalarKind.Boolean } x => x.Text is ['t' or 'T', ..],
            YamlScalar { Kind: ScalarKind.Integer or ScalarKind.Float } x => Number(x.Text),
            YamlScalar x => x.Text,
            YamlSequence x => new JsonArray([.. x.Items.Select(Of)]),
            YamlMapping x => new JsonObject(x.Entries.Select(y => KeyValuePair.Create(y.Key.Text, Of(y.Value)))),
            _ => throw new ArgumentOutOfRangeException(nameof(node), node, "No such node"),
        };

    static JsonNode Number(string text) =>
        !CoreSchema.TryNumber(text, out var number) ? JsonValue.Create(text)
        : decimal.IsInteger(number) && Math.Abs(number) < long.MaxValue ? JsonValue.Create((long)number)
        : JsonValue.Create(double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
}
