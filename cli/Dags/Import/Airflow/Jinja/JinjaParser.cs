using System.Text.RegularExpressions;

namespace Nightshift.Cli.Dags.Import.Airflow.Jinja;

/// <summary>An expression of Jinja: a constant, or a name with what follows it.</summary>
/// <param name="Constant">A text or a number; null for a name.</param>
/// <param name="Steps">The parts of the name, then calls and filters.</param>
/// <param name="Written">As the template has it.</param>
sealed record JinjaExpression(string? Constant, IReadOnlyList<JinjaStep> Steps, string Written);

/// <summary>A step of an expression.</summary>
abstract record JinjaStep;

/// <summary><c>.name</c> or <c>['name']</c>; also the name that the expression begins with.</summary>
sealed record JinjaMember(string Name) : JinjaStep;

/// <summary><c>(…)</c></summary>
sealed record JinjaCall(IReadOnlyList<JinjaArgument> Arguments) : JinjaStep;

/// <summary><c>| name(…)</c></summary>
sealed record JinjaFilter(string Name, IReadOnlyList<JinjaArgument> Arguments) : JinjaStep;

/// <summary>An argument of a call.</summary>
/// <param name="Name">Null for one by position.</param>
/// <param name="Value">The value.</param>
sealed record JinjaArgument(string? Name, JinjaExpression Value);

/// <summary>Reads the expressions that can be translated; operators and conditions cannot.</summary>
sealed partial class JinjaParser
{
    const int MaxDepth = 20;

    readonly string text;
    readonly List<(string Kind, string Text)> tokens = [];
    int at;

    JinjaParser(string text)
    {
        this.text = text;
        var end = 0;
        for (; end < text.Length && Token().Match(text, end) is { Success: true } match; end += match.Length)
            if (match.Groups.Values.Skip(1).FirstOrDefault(x => x.Success) is { } group)
                tokens.Add((group.Name, group.Value));
        if (end < text.Length)
            throw Unknown();
    }

    /// <exception cref="NotCarriedOverException">It is another kind of expression.</exception>
    public static JinjaExpression Parse(string text)
    {
        var parser = new JinjaParser(text);
        var expression = parser.Expression(0);
        return parser.at == parser.tokens.Count ? expression : throw parser.Unknown();
    }

    JinjaExpression Expression(int depth)
    {
        if (depth > MaxDepth)
            throw Unknown();
        var (kind, value) = Take();
        var steps = new List<JinjaStep>();
        var constant = kind switch
        {
            "text" => value[1..^1],
            "number" => value,
            _ => null,
        };
        if (value.Contains('\\', StringComparison.Ordinal) || constant is null && kind != "name")
            throw Unknown();
        if (kind == "name")
            steps.Add(new JinjaMember(value));
        while (Step(depth) is { } step)
            steps.Add(step);
        return new(constant, steps, text);
    }

    JinjaStep? Step(int depth)
    {
        if (Skip("."))
            return new JinjaMember(Take("name"));
        if (Skip("|"))
            return new JinjaFilter(Take("name"), Skip("(") ? Arguments(depth) : []);
        if (Skip("("))
            return new JinjaCall(Arguments(depth));
        if (!Skip("["))
            return null;
        var (kind, value) = Take();
        if (kind is not ("text" or "number") || !Skip("]"))
            throw Unknown();
        return new JinjaMember(kind == "text" ? value[1..^1] : value);
    }

    List<JinjaArgument> Arguments(int depth)
    {
        var arguments = new List<JinjaArgument>();
        while (!Skip(")"))
        {
            if (arguments.Count > 0 && !Skip(","))
                throw Unknown();
            var name = at + 1 < tokens.Count && tokens[at + 1].Text == "=" ? Take("name") : null;
            if (name is not null)
                Skip("=");
            var listed = Skip("["); // a list of one is its only item
            arguments.Add(new(name, Expression(depth + 1)));
            if (listed && !Skip("]"))
                throw Unknown();
        }
        return arguments;
    }

    (string Kind, string Text) Take() => at < tokens.Count ? tokens[at++] : throw Unknown();

    string Take(string kind) => Take() is var (found, value) && found == kind ? value : throw Unknown();

    bool Skip(string sign)
    {
        if (at >= tokens.Count || tokens[at] is not ("sign", var value) || value != sign)
            return false;
        at++;
        return true;
    }

    NotCarriedOverException Unknown() => new($"'{{{{ {Client.Terminal.Excerpt(text, 80)} }}}}' is not translated");

    [GeneratedRegex(
        @"\G(?:\s+|(?<name>[A-Za-z_]\w*)|(?<number>-?\d+)|(?<text>'[^']*'|""[^""]*"")|(?<sign>[.,|=()\[\]]))"
    )]
    private static partial Regex Token();
}
