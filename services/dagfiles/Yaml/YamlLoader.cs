using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Nightshift.DagFiles.Yaml;

/// <summary>The text is not a YAML document that a DAG file may be.</summary>
sealed class NotYamlException(int line, string text) : Exception(text)
{
    public int Line { get; } = line;
}

/// <summary>
/// Builds the nodes of a document from the parser's events without recursion and within <see cref="DagFileLimits"/>, so
/// that no file takes the process with it.
/// </summary>
/// <remarks>YamlDotNet's own representation model recurses per level, hashes whole subtrees as keys, and knows no
/// merge keys.</remarks>
sealed partial class YamlLoader(string yaml)
{
    const string Standard = "tag:yaml.org,2002:";

    readonly Stack<Collection> open = new();
    readonly Dictionary<string, YamlNode?> anchors = []; // null while the node is open
    readonly List<YamlNode> documents = [];

    /// <summary>The root of the only document; null when the text has none or several.</summary>
    /// <exception cref="NotYamlException">It is not YAML, or breaks a limit.</exception>
    public static (YamlNode? Root, int Documents) Load(string yaml)
    {
        var loader = new YamlLoader(yaml);
        loader.Read();
        return (loader.documents is [var root] ? root : null, loader.documents.Count);
    }

    void Read()
    {
        var parser = new Parser(new PeekingScanner(new Scanner(new StringReader(yaml))));
        try
        {
            while (parser.MoveNext())
                Take(parser.Current!);
        }
        catch (YamlException e)
        {
            throw NotYaml((int)e.Start.Line, e.InnerException?.Message ?? e.Message);
        }
        // YamlDotNet 18 throws these for tabs in { } and [ ], for odd anchors and for escapes beyond Unicode.
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            throw NotYaml((int)(parser.Current?.End.Line ?? 1), "A character cannot stand here");
        }
    }

    void Take(ParsingEvent e)
    {
        switch (e)
        {
            case DocumentStart:
                anchors.Clear();
                break;
            case AnchorAlias alias:
                Add(Aliased(alias), Line(alias));
                break;
            case Scalar scalar:
                var node = new YamlScalar(
                    scalar.Value,
                    Kind(scalar),
                    scalar.Style is ScalarStyle.Plain,
                    Line(scalar),
                    Column(scalar)
                );
                CheckCharacters(node);
                Anchor(scalar, node);
                Add(node, node.Line);
                break;
            case SequenceStart or MappingStart:
                Open((NodeEvent)e);
                break;
            case SequenceEnd or MappingEnd:
                var collection = open.Pop();
                var closed = collection.Close();
                if (collection.Anchor is { } name)
                    anchors[name] = closed;
                Add(closed, Line(e));
                break;
        }
    }

    void Open(NodeEvent start)
    {
        if (open.Count >= DagFileLimits.Depth)
            throw new NotYamlException(
                Line(start),
                $"Lists and mappings stand {DagFileLimits.Depth} deep inside each other here; a DAG file needs "
                    + $"no more than 6"
            );
        var tag = Tag(start);
        if (tag is not ("" or "!") && tag != Standard + (start is MappingStart ? "map" : "seq"))
            throw WrongTag(start);
        var anchor = start.Anchor.IsEmpty ? null : start.Anchor.Value;
        if (anchor is not null)
            anchors[anchor] = null;
        open.Push(new(start is MappingStart, anchor, Line(start), Column(start), x => Advice(x, message: "")));
    }

    void Add(YamlNode node, int line)
    {
        if (!open.TryPeek(out var parent))
            documents.Add(node);
        else if (parent.Add(node) > DagFileLimits.Weight)
            throw new NotYamlException(
                line,
                $"With what its aliases repeat, the file has more than {DagFileLimits.Weight} characters; repeat less"
            );
    }

    YamlNode Aliased(AnchorAlias alias)
    {
        var line = (int)alias.Start.Line;
        if (!anchors.TryGetValue(alias.Value.Value, out var node))
            throw new NotYamlException(
                line,
                QuotesAdvice(line)
                    ?? $"There is no anchor '&{alias.Value.Value}' before the alias '*{alias.Value.Value}'; put "
                        + $"text that begins with '*' in quotes"
            );
        return node
            ?? throw new NotYamlException(
                line,
                $"The alias '*{alias.Value.Value}' stands inside its own anchor, which would never end; remove it"
            );
    }

    void Anchor(NodeEvent e, YamlNode node)
    {
        if (!e.Anchor.IsEmpty)
            anchors[e.Anchor.Value] = node;
    }

    ScalarKind Kind(Scalar scalar)
    {
        var kind = scalar.Style is ScalarStyle.Plain ? CoreSchema.KindOf(scalar.Value) : ScalarKind.Text;
        return Tag(scalar) switch
        {
            "" => kind,
            "!" or Standard + "str" => ScalarKind.Text,
            Standard + "null" when CoreSchema.KindOf(scalar.Value) is ScalarKind.Null => ScalarKind.Null,
            Standard + "bool" when CoreSchema.KindOf(scalar.Value) is ScalarKind.Boolean => ScalarKind.Boolean,
            Standard + "int" when CoreSchema.KindOf(scalar.Value) is ScalarKind.Integer => ScalarKind.Integer,
            Standard + "float" when CoreSchema.KindOf(scalar.Value) is ScalarKind.Float or ScalarKind.Integer =>
                ScalarKind.Float,
            _ => throw WrongTag(scalar),
        };
    }

    NotYamlException WrongTag(NodeEvent e) =>
        new(
            Line(e),
            QuotesAdvice(Line(e))
                ?? $"The tag '{Tag(e)}' does not fit what follows it; remove it, and put text that begins with "
                    + $"'!' in quotes"
        );

    // PostgreSQL stores no NUL and no half of a surrogate pair; programs take neither in arguments.
    static void CheckCharacters(YamlScalar scalar)
    {
        if (scalar.Text.Contains('\0'))
            throw new NotYamlException(
                scalar.Line,
                "The text has a NUL character ('\\0'), which no program takes; remove it"
            );
        if (TextEncoding.FirstLoneSurrogate(scalar.Text) >= 0)
            throw new NotYamlException(
                scalar.Line,
                "The text has half of a surrogate pair; write the whole character, such as \"\\U0001F600\""
            );
    }

    NotYamlException NotYaml(int line, string message)
    {
        if (message.Contains("tab", StringComparison.Ordinal) || message == "A character cannot stand here")
            if (TabbedLine() is > 0 and var tabbed)
                return new(tabbed, "This is not YAML: the line is indented with a tab; YAML is indented with spaces");
        return new(line, QuotesAdvice(line) ?? $"This is not YAML: {Advice(line, message) ?? message}");
    }

    // YamlDotNet gives a tab the place where what holds it begins. In a block of text a tab may follow the spaces, so
    // one that begins its line is blamed first.
    int TabbedLine() =>
        yaml.Split('\n')
            .Select((text, i) => (Indentation: text[..^text.TrimStart(' ', '\t').Length], Line: i + 1))
            .Where(x => x.Indentation.Contains('\t'))
            .OrderBy(x => x.Indentation[0] != '\t')
            .FirstOrDefault()
            .Line;

    string? Advice(int line, string message)
    {
        var lines = yaml.Split('\n');
        return YamlAdvice.For(
            lines.ElementAtOrDefault(line - 1) ?? "",
            lines.ElementAtOrDefault(line - 2) ?? "",
            message
        );
    }

    // Cron fields, presets and negated branches begin with characters that YAML gives another meaning.
    string? QuotesAdvice(int line)
    {
        var text = yaml.Split('\n').ElementAtOrDefault(line - 1) ?? "";
        var value = NeedsQuotes()
            .Matches(text.Length > 1000 ? text[..1000] : text)
            .Select(x => x.Groups["value"].Value.TrimEnd())
            .FirstOrDefault(x => !x.StartsWith("!!", StringComparison.Ordinal) && !anchors.ContainsKey(x[1..]));
        return value is not null
            ? $"'{YamlReader.Shown(value)}' begins with '{value[0]}', which has another meaning in YAML; put it "
                + $"in quotes: \"{YamlReader.Shown(value)}\""
            : null;
    }

    static string Tag(NodeEvent e) => e.Tag.IsEmpty ? "" : e.Tag.Value;

    static int Line(ParsingEvent e) => (int)e.Start.Line;

    static int Column(ParsingEvent e) => (int)e.Start.Column;

    [GeneratedRegex(@"(?:[:-]\s+|[\[,{]\s*)(?<value>[*@!%`][^,\]}#""']*)")]
    private static partial Regex NeedsQuotes();

    /// <summary>A list or mapping whose end has not come yet.</summary>
    sealed class Collection(bool mapping, string? anchor, int line, int column, Func<int, string?> advice)
    {
        readonly List<YamlNode> items = [];
        readonly List<YamlEntry> entries = [];
        readonly Dictionary<string, int> lines = []; // of keys
        YamlNode? merged;
        YamlScalar? key;
        long weight = 1;

        public string? Anchor => anchor;

        public long Add(YamlNode node)
        {
            weight += node.Weight;
            if (!mapping)
                items.Add(node);
            else if (key is null)
                key = Key(node);
            else
            {
                Set(key, node);
                key = null;
            }
            return weight;
        }

        YamlScalar Key(YamlNode node)
        {
            if (node is not YamlScalar scalar)
                throw new NotYamlException(
                    node.Line,
                    advice(node.Line) ?? "A key must be text, not a list or a mapping"
                );
            if (scalar is { Kind: ScalarKind.Null })
                throw new NotYamlException(node.Line, "A key is missing before ':'; a key 'null' needs quotes");
            if (lines.TryGetValue(scalar.Text, out var first))
                throw new NotYamlException(
                    node.Line,
                    $"'{YamlReader.Shown(scalar.Text)}' is here twice, first on line {first}; keep one of them"
                );
            lines[scalar.Text] = node.Line;
            return scalar;
        }

        void Set(YamlScalar name, YamlNode value)
        {
            if (name is { Text: "<<", Plain: true })
                merged = value;
            else
                entries.Add(new(name, value));
        }

        public YamlNode Close()
        {
            if (!mapping)
                return new YamlSequence(items, line, column, weight);
            if (merged is not null)
                foreach (var source in merged is YamlSequence list ? list.Items : [merged])
                    Merge(source);
            return new YamlMapping(entries, line, column, weight);
        }

        // What the mapping says itself wins, then the earlier of the sources (yaml.org/type/merge.html).
        void Merge(YamlNode source)
        {
            if (source is not YamlMapping from)
                throw new NotYamlException(
                    source.Line,
                    "'<<' takes a mapping or a list of mappings, such as '<<: *base'"
                );
            foreach (var entry in from.Entries)
                if (lines.TryAdd(entry.Key.Text, entry.Key.Line))
                    entries.Add(entry);
        }
    }

    // YamlDotNet 18.1 looks ahead twice behind a value with an anchor, and loses the comma in { a: &x 1, b: 2 }.
    sealed class PeekingScanner(IScanner scanner) : IScanner
    {
        public Mark CurrentPosition => scanner.CurrentPosition;

        public YamlDotNet.Core.Tokens.Token? Current => scanner.Current;

        public bool MoveNext() => scanner.MoveNext();

        public bool MoveNextWithoutConsuming() =>
            scanner.Current is not (null or YamlDotNet.Core.Tokens.StreamEnd) || scanner.MoveNextWithoutConsuming();

        public void ConsumeCurrent() => scanner.ConsumeCurrent();
    }
}
