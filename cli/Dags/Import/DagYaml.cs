using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Nightshift.Cli.Dags.Import;

/// <summary>
/// Writes a DAG file so that every text comes back as it was, whatever is in it: quotes, colons, control characters.
/// </summary>
static partial class DagYaml
{
    const string Replacement = "\uFFFD";

    /// <param name="comments">Lines for the beginning of the file, without their <c>#</c>.</param>
    /// <param name="root">The DAG.</param>
    public static string Write(IEnumerable<string> comments, YamlMap root)
    {
        var lines = string.Concat(comments.Select(x => $"# {Comment(x)}".TrimEnd() + "\n"));
        var body = Body(root, readable: true);
        // Block scalars have corners that writers and readers see differently; quotes have none.
        return lines + (TextsOf(body).SequenceEqual(TextsOf(root)) ? body : Body(root, readable: false));
    }

    static string Body(YamlMap root, bool readable)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings().WithBestWidth(int.MaxValue));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, root, readable);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return Invisible().Replace(text.ToString(), x => $"\\u{(int)x.Value[0]:X4}");
    }

    static void Emit(IEmitter emitter, object value, bool readable)
    {
        switch (value)
        {
            case YamlMap map:
                emitter.Emit(new MappingStart(null, null, true, map.Flow ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, inner) in map.Entries)
                {
                    Emit(emitter, key, readable);
                    Emit(emitter, inner, readable);
                }
                emitter.Emit(new MappingEnd());
                break;
            case IReadOnlyList<string> list:
                var style = list.Any(x => x.Contains('\n')) ? SequenceStyle.Block : SequenceStyle.Flow;
                emitter.Emit(new SequenceStart(null, null, true, style));
                foreach (var item in list)
                    Emit(emitter, item, readable);
                emitter.Emit(new SequenceEnd());
                break;
            case YamlPlain plain:
                emitter.Emit(new Scalar(null, null, plain.Text, ScalarStyle.Plain, true, false));
                break;
            case YamlJson json:
                Emit(emitter, json.Json);
                break;
            case string text:
                emitter.Emit(new Scalar(null, null, text, StyleOf(text, readable), true, true));
                break;
        }
    }

    static void Emit(IEmitter emitter, JsonNode? json)
    {
        switch (json)
        {
            case JsonObject map:
                emitter.Emit(new MappingStart(null, null, true, MappingStyle.Flow));
                foreach (var (key, inner) in map)
                {
                    Emit(emitter, key, readable: true);
                    Emit(emitter, inner);
                }
                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(null, null, true, SequenceStyle.Flow));
                foreach (var item in list)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            default:
                var isText = json?.GetValueKind() is JsonValueKind.String;
                var style = isText ? ScalarStyle.DoubleQuoted : ScalarStyle.Plain;
                emitter.Emit(new Scalar(null, null, TextOf(json), style, !isText, isText));
                break;
        }
    }

    static string TextOf(JsonNode? json) =>
        json is null ? "null"
        : json.GetValueKind() is JsonValueKind.String ? json.GetValue<string>()
        : json.ToJsonString();

    static ScalarStyle StyleOf(string text, bool readable) =>
        !readable || Invisible().IsMatch(text) ? ScalarStyle.DoubleQuoted
        : IsPlain(text) ? ScalarStyle.Plain
        : HasLines(text) ? ScalarStyle.Literal
        : text.AsSpan().ContainsAny('"', '\\') && !text.Any(char.IsControl) ? ScalarStyle.SingleQuoted
        : ScalarStyle.DoubleQuoted;

    static bool IsPlain(string text) => PlainText().IsMatch(text) && !OtherMeaning().IsMatch(text);

    static bool HasLines(string text) =>
        text.Contains('\n') && text[0] is not (' ' or '\n' or '\t') && !text.Any(x => x != '\n' && char.IsControl(x));

    /// <summary>One line of a comment: nothing in it ends the line, or turns the direction of text.</summary>
    public static string Comment(string text) => NotInComments().Replace(text.Replace('\t', ' '), Replacement);

    static IEnumerable<string> TextsOf(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        while (Next(parser) is { } e)
            if (e is Scalar scalar)
                yield return scalar.Value;
    }

    static ParsingEvent? Next(Parser parser)
    {
        try
        {
            return parser.MoveNext() ? parser.Current : null;
        }
        catch (YamlException)
        {
            return null;
        }
    }

    static IEnumerable<string> TextsOf(object value) =>
        value switch
        {
            YamlMap map => map.Entries.SelectMany(x => TextsOf(x.Value).Prepend(x.Key)),
            IReadOnlyList<string> list => list,
            YamlPlain plain => [plain.Text],
            YamlJson json => TextsOf(json.Json),
            _ => [(string)value],
        };

    static IEnumerable<string> TextsOf(JsonNode? json) =>
        json switch
        {
            JsonObject map => map.SelectMany(x => TextsOf(x.Value).Prepend(x.Key)),
            JsonArray list => list.SelectMany(TextsOf),
            _ => [TextOf(json)],
        };

    [GeneratedRegex(@"\A(?:[A-Za-z_/]|\./|--?[A-Za-z])(?:[A-Za-z0-9_./ =+@%-]*[A-Za-z0-9_./])?\z")]
    private static partial Regex PlainText();

    // Words that YAML 1.1 or 1.2 reads as something else than text.
    [GeneratedRegex(@"\A(?:null|true|false|yes|no|on|off|y|n)\z", RegexOptions.IgnoreCase)]
    private static partial Regex OtherMeaning();

    // Directions of text, byte order marks and the like. They stand in double quotes only, where they can be escaped.
    [GeneratedRegex(@"[\p{Cf}\p{Zl}\p{Zp}]")]
    private static partial Regex Invisible();

    [GeneratedRegex(@"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\uFFFE\uFFFF]")]
    private static partial Regex NotInComments();
}
