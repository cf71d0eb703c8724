using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Nightshift.Contracts;
using Nightshift.DagFiles.Templates;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>The shapes of single values that several fields have.</summary>
static partial class Shapes
{
    /// <summary>What the core schema reads as a number, written in quotes.</summary>
    public const string NumberPattern =
        @"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+";
    const string WholeNumber = @"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+";

    /// <summary>Any text.</summary>
    public static Shape<string> Text { get; } = Shape.Of("text", JsonSchemas.Text, (r, x, what) => r.Text(x, what));

    /// <summary>A text of at least one character.</summary>
    public static Shape<string> SomeText { get; } =
        Shape.Of("text", JsonSchemas.Text.With("minLength", 1), (r, x, what) => NotEmpty(r, x, what));

    /// <summary>True or false.</summary>
    public static Shape<bool> Flag { get; } =
        Shape.OfValue(
            "`true` or `false`",
            JsonSchemas.Matching("true|True|TRUE|false|False|FALSE", "boolean"),
            (r, x, what) => r.Flag(x, what)
        );

    /// <summary>True, for what is said by being there.</summary>
    public static Shape<bool> True { get; } =
        Shape.OfValue(
            "`true`",
            JsonSchemas.Matching("true|True|TRUE", "boolean").With("not", new JsonObject { ["const"] = false }),
            OnlyTrue
        );

    /// <summary>A size in MiB or GiB.</summary>
    public static Shape<int> Memory { get; } =
        Shape.OfValue(
            "a size from 6MiB to 1024GiB",
            JsonSchemas.Matching(@"[0-9]+\s*(?:MiB|GiB)"),
            (r, x, what) => r.Memory(x, what)
        );

    /// <summary>The name of an executor queue.</summary>
    public static Shape<string> Queue { get; } =
        Shape.Of(
            $"a name: {ExecutorQueue.Rule}",
            JsonSchemas.Matching(ExecutorQueue.Pattern, "number", "boolean"),
            QueueName
        );

    /// <summary>The name of a DAG.</summary>
    public static Shape<string> DagName { get; } =
        Named(
            "a name of letters, digits, `_` and `-`",
            DagNames.Dag(),
            DagNames.DagPattern,
            x =>
                $"'{x}' cannot be a DAG's name; use letters, digits, _ and -, at most 100, without _ at "
                + "either end or twice in a row"
        );

    /// <summary>A list of texts, or one text.</summary>
    public static Shape<IReadOnlyList<string>> Texts { get; } =
        Shape.Of(
            "a list of texts",
            JsonSchemas.Type("array", "string", "number", "boolean", "null").With("items", JsonSchemas.Text),
            (r, x, what) => r.Texts(x, what)
        );

    /// <summary>Exit codes that mean a failure: a list, or one.</summary>
    public static Shape<IReadOnlyList<int>> ExitCodes { get; } =
        Shape.Of<IReadOnlyList<int>>(
            "a list of exit codes from 1 to 255",
            WholeSchema(1, 255)
                .With("type", new JsonArray("array", "integer", "string", "null"))
                .With("items", WholeSchema(1, 255)),
            ReadExitCodes
        );

    /// <summary>A Liquid condition.</summary>
    public static Shape<string> Condition { get; } =
        Shape.Of("a Liquid condition", JsonSchemas.Text.With("minLength", 1), ReadCondition);

    /// <summary>The name of an output.</summary>
    public static Shape<string> Output { get; } =
        Shape.Of("the name of an output", JsonSchemas.Type("string", "number").With("minLength", 1), OutputName);

    /// <summary>A whole number within limits.</summary>
    public static Shape<int> Whole(int from, int to) =>
        Shape.OfValue(
            $"a whole number from {from} to {to}",
            WholeSchema(from, to),
            (r, x, what) => r.Whole(x, what, from, to)
        );

    /// <summary>A number within limits.</summary>
    public static Shape<double> Decimal(double from, double to) =>
        Shape.OfValue(
            string.Create(CultureInfo.InvariantCulture, $"a number from {from} to {to}"),
            JsonSchemas.Matching(NumberPattern, "number").With("minimum", from).With("maximum", to),
            (r, x, what) => r.Number(x, what, from, to)
        );

    /// <summary>A duration within limits.</summary>
    public static Shape<TimeSpan> Duration(TimeSpan from, TimeSpan to) =>
        Shape.OfValue(
            $"a duration from {Durations.Write(from)} to {Durations.Write(to)}",
            JsonSchemas.Matching("[0-9]+(?:ms|s|m|h|d)"),
            (r, x, what) => r.Duration(x, what, from, to)
        );

    /// <summary>One of a few words.</summary>
    public static Shape<T> Choice<T>(IReadOnlyDictionary<string, T> words)
        where T : struct =>
        Shape.OfValue(
            "one of " + string.Join(", ", words.Keys.Select(x => $"`{x}`")),
            JsonSchemas.OneOf(words.Keys),
            (r, x, what) => Chosen(r, x, what, words)
        );

    /// <summary>A text that a pattern matches as a whole.</summary>
    /// <param name="type">Its name in the documentation.</param>
    /// <param name="name">The pattern; <paramref name="pattern"/> is its text, for the schema.</param>
    /// <param name="pattern">See <paramref name="name"/>.</param>
    /// <param name="mistake">The mistake about another text, which is given.</param>
    public static Shape<string> Named(string type, Regex name, string pattern, Func<string, string> mistake) =>
        Shape.Of(
            type,
            JsonSchemas.Matching(pattern, "number", "boolean"),
            (reader, node, what) =>
            {
                var text = reader.Text(node, what);
                if (text is null || name.IsMatch(text))
                    return text;
                reader.Wrong(node, mistake(YamlReader.Shown(text)));
                return null;
            }
        );

    /// <summary>A part of the file that is read when all other fields are known.</summary>
    public static Shape<YamlNode> Section(string type, JsonObject schema) => Shape.Of(type, schema, (_, x, _) => x);

    /// <summary>A mapping with fields of its own.</summary>
    /// <param name="table">Its fields.</param>
    /// <param name="draft">The defaults.</param>
    /// <param name="type">Its name in the documentation.</param>
    /// <param name="mayBeNull">Whether it may have no value.</param>
    /// <param name="check">Notes what is wrong between fields.</param>
    public static Shape<T> Mapping<T>(
        FieldTable<T> table,
        T draft,
        string type,
        bool mayBeNull,
        Action<YamlReader, Written<T>>? check = null
    )
        where T : class =>
        Shape.Of(
            type,
            mayBeNull ? table.Schema().With("type", new JsonArray("object", "null")) : table.Schema(),
            (reader, node, what) =>
            {
                var written = table.Read(reader, node, what, $"{what.Trim('\'')}.", draft);
                check?.Invoke(reader, written);
                return written.Draft;
            }
        );

    static JsonObject WholeSchema(int from, int to) =>
        JsonSchemas.Matching(WholeNumber, "integer").With("minimum", from).With("maximum", to);

    static string? NotEmpty(YamlReader reader, YamlNode node, string what)
    {
        var text = reader.Text(node, what);
        if (text is not "")
            return text;
        reader.Wrong(node, $"{what} is empty; write a text, or leave the key out");
        return null;
    }

    static bool? OnlyTrue(YamlReader reader, YamlNode node, string what)
    {
        if (reader.Flag(node, what) is not false)
            return true;
        reader.Wrong(node, $"{what} can only be true; leave it out otherwise");
        return null;
    }

    static string? QueueName(YamlReader reader, YamlNode node, string what)
    {
        var name = reader.Text(node, what);
        if (name is null || ExecutorQueue.IsName(name))
            return name;
        reader.Wrong(node, $"{what} is '{YamlReader.Shown(name)}'; write {ExecutorQueue.Rule}");
        return null;
    }

    static T? Chosen<T>(YamlReader reader, YamlNode node, string what, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        if (reader.Text(node, what) is not { } text)
            return null;
        if (words.TryGetValue(text, out var value))
            return value;
        var advice =
            words.Count > 3 ? YamlReader.Suggestion(text, words.Keys) : $"; write {string.Join(" or ", words.Keys)}";
        reader.Wrong(node, $"{what} is '{YamlReader.Shown(text)}'{advice}");
        return null;
    }

    static string? ReadCondition(YamlReader reader, YamlNode node, string what)
    {
        var condition = reader.Text(node, what);
        if (condition is null || TemplateCondition.MistakeIn(condition) is not { } mistake)
            return condition;
        reader.Wrong(node, $"{what} is no condition: {mistake}");
        return null;
    }

    static string? OutputName(YamlReader reader, YamlNode node, string what)
    {
        if (node is not YamlScalar { Kind: ScalarKind.Boolean })
            return NotEmpty(reader, node, what);
        reader.Wrong(node, $"{what} names the output that decides; write its name, such as 'next'");
        return null;
    }

    static int[] ReadExitCodes(YamlReader reader, YamlNode node, string what) =>
        node switch
        {
            _ when YamlReader.IsNull(node) => [],
            YamlSequence list =>
            [
                .. list
                    .Items.Select(x => reader.Whole(x, $"An entry of {what}", 1, 255))
                    .OfType<int>()
                    .Distinct()
                    .Order(),
            ],
            _ => reader.Whole(node, what, 1, 255) is { } code ? [code] : [],
        };
}
