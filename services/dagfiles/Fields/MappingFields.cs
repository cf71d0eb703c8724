using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nightshift.DagFiles.Templates;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>Fields of a task alone that map it over lists: it has an instance for each item.</summary>
static partial class MappingFields
{
    const string NamePattern = "[A-Za-z_][A-Za-z0-9_-]{0,99}";

    /// <summary>The fields.</summary>
    public static FieldTable<TaskDraft> Table { get; } =
        new FieldTable<TaskDraft>()
            .Add(
                "for_each",
                Sources(),
                (task, x) => task.With(y => y with { ForEach = x }),
                "The task has an instance for each item: of a list, of the list or mapping that one expression names, "
                    + "such as `\"{{ tasks.list.output.files }}\"`, or for each combination of several under names. "
                    + "Templates know `item`, with names `item.NAME`, of a mapping `item.key` and `item.value`, and "
                    + "`map_index`, from 0. Without items it is skipped.",
                "[north, south]"
            )
            .Add(
                "map_index_template",
                Template(),
                (task, x) => task.With(y => y with { MapIndexTemplate = x }),
                "What an instance of a task with `for_each` is called in lists, as a Liquid template. Text beyond 250 "
                    + "characters is cut off.",
                "\"region {{ item }}\""
            );

    static Shape<IReadOnlyList<MapSource>> Sources()
    {
        var source = JsonSchemas.Type("string", "array");
        return Shape.Of<IReadOnlyList<MapSource>>(
            "a list, one expression in braces, or a mapping of names to those",
            JsonSchemas.AnyOf(
                source,
                JsonSchemas.Mapping(NamePattern, source, mayBeNull: false).With("minProperties", 1)
            ),
            ReadSources
        );
    }

    static IReadOnlyList<MapSource>? ReadSources(YamlReader reader, YamlNode node, string what)
    {
        if (node is not YamlMapping named)
            return ReadSource(reader, node, what, name: null) is { } source ? [source] : null;
        if (named.Entries.Count == 0)
            reader.Wrong(node, $"{what} is empty; write a list, or names with a list each");
        foreach (var (name, _) in named.Entries.Where(x => !Name().IsMatch(x.Key.Text)))
            reader.Wrong(
                name,
                $"'{YamlReader.Shown(name.Text)}' cannot be the name of an item; use letters, digits, _ and -, not "
                    + "beginning with a digit"
            );
        var sources = named
            .Entries.Select(x =>
                ReadSource(reader, x.Value, $"'{what.Trim('\'')}.{YamlReader.Shown(x.Key.Text)}'", x.Key.Text)
            )
            .OfType<MapSource>()
            .ToList();
        return sources.Count == named.Entries.Count && sources.Count > 0 ? sources : null;
    }

    static MapSource? ReadSource(YamlReader reader, YamlNode node, string what, string? name)
    {
        if (node is YamlSequence list)
            return HasTemplate(list) is { } text
                ? Refused(
                    reader,
                    text,
                    $"An item of {what} is a template, and items are taken as they are; write the template in 'env', "
                        + "where it may name 'item'"
                )
                : new(name, Json(list), Template: null);
        if (node is YamlScalar { Kind: ScalarKind.Text } template)
            return TemplateExpression.MistakeIn(template.Text) is { } mistake
                ? Refused(reader, node, $"{what} is no list: {mistake}, or a list")
                : new(name, Items: null, template.Text.Trim());
        return Refused(
            reader,
            node,
            $"{what} must be a list, or one expression, such as \"{{{{ tasks.list.output.files }}}}\""
        );
    }

    static MapSource? Refused(YamlReader reader, YamlNode node, string mistake)
    {
        reader.Wrong(node, mistake);
        return null;
    }

    static YamlScalar? HasTemplate(YamlNode node) =>
        node switch
        {
            YamlScalar x => x.Text.Contains("{{", StringComparison.Ordinal) ? x : null,
            YamlSequence x => x.Items.Select(HasTemplate).FirstOrDefault(y => y is not null),
            YamlMapping x => x.Entries.Select(y => HasTemplate(y.Value)).FirstOrDefault(y => y is not null),
            _ => null,
        };

    static string Json(YamlNode node)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, node);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    // A number that JSON cannot write so is text, as it stands.
    static void Write(Utf8JsonWriter json, YamlNode node)
    {
        switch (node)
        {
            case YamlScalar { Kind: ScalarKind.Null }:
                json.WriteNullValue();
                break;
            case YamlScalar { Kind: ScalarKind.Boolean } x:
                json.WriteBooleanValue(x.Text is ['t' or 'T', ..]);
                break;
            case YamlScalar { Kind: ScalarKind.Integer or ScalarKind.Float } x when JsonNumber().IsMatch(x.Text):
                json.WriteRawValue(x.Text);
                break;
            case YamlScalar x:
                json.WriteStringValue(x.Text);
                break;
            case YamlSequence x:
                json.WriteStartArray();
                foreach (var item in x.Items)
                    Write(json, item);
                json.WriteEndArray();
                break;
            case YamlMapping x:
                json.WriteStartObject();
                foreach (var (key, value) in x.Entries)
                {
                    json.WritePropertyName(key.Text);
                    Write(json, value);
                }
                json.WriteEndObject();
                break;
        }
    }

    static Shape<string> Template() =>
        Shape.Of("a text, which may be a Liquid template", JsonSchemas.Text.With("minLength", 1), ReadTemplate);

    static string? ReadTemplate(YamlReader reader, YamlNode node, string what)
    {
        if (!Shapes.SomeText.Read(reader, node, what, out var text))
            return null;
        if (TemplateText.MistakeIn(text) is not { } mistake)
            return text;
        reader.Wrong(node, $"The template does not parse: {mistake}");
        return null;
    }

    [GeneratedRegex(@"\A(?:" + NamePattern + @")\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();
}
