using System.CommandLine;
using System.Globalization;

namespace Nightshift.Cli.Client;

/// <summary>The options of a command that lists: what is asked for, in which order, and how much of it.</summary>
public sealed class ListOptions
{
    readonly List<(Option Option, Func<ParseResult, IEnumerable<string>> Parameters)> options = [];

    readonly int last; // options that are shown behind the command's own

    /// <param name="most">The default of <c>--limit</c>; null for all there are.</param>
    /// <param name="hasPages">False for a list whose pages have no cursor.</param>
    public ListOptions(int? most = 20, bool hasPages = true)
    {
        var limit = new Option<int?>("--limit")
        {
            Description = "At most so many, 1 to 1000.",
            HelpName = "number",
            DefaultValueFactory = _ => most,
        };
        limit.Validators.Add(x =>
        {
            if (x.Tokens.Any(t => int.TryParse(t.Value, out var number) && number is < 1 or > 1000))
                x.AddError($"--limit is '{x.Tokens[0].Value}'; write a number from 1 to 1000");
        });
        Add(limit, x => Parameter("limit", x.GetValue(limit)?.ToString(CultureInfo.InvariantCulture)));
        if (hasPages)
            Text(
                "--cursor",
                "cursor",
                "Go on where the page before ended: its next_cursor, as --json has it.",
                "cursor"
            );
        last = options.Count;
    }

    /// <summary>The options, for the command.</summary>
    public IReadOnlyList<Symbol> Symbols => [.. options.Skip(last).Concat(options.Take(last)).Select(x => x.Option)];

    /// <summary>What was asked for, as the query of an address; without a question mark.</summary>
    public string Query(ParseResult parsed) => string.Join('&', options.SelectMany(x => x.Parameters(parsed)));

    /// <summary>An option with a text.</summary>
    public ListOptions Text(string name, string parameter, string description, string helpName)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        return Add(option, x => Parameter(parameter, x.GetValue(option)));
    }

    /// <summary>An option with a part of a name.</summary>
    public ListOptions Match(string parameter, string what) =>
        Text("--match", parameter, $"Only {what}: any part of it, with % for any text and _ for a character.", "part");

    /// <summary>An option with one of some words.</summary>
    public ListOptions Word(string name, string parameter, string description, params string[] words)
    {
        var option = new Option<string?>(name) { Description = description };
        option.AcceptOnlyFromAmong(words);
        return Add(option, x => Parameter(parameter, x.GetValue(option)));
    }

    /// <summary>An option with one or several of some words.</summary>
    public ListOptions Words(string name, string parameter, string description, params string[] words)
    {
        var option = new Option<string[]>(name)
        {
            Description = $"{description} May be given several times.",
            DefaultValueFactory = _ => [],
        };
        if (words.Length > 0)
            option.AcceptOnlyFromAmong(words);
        return Add(option, x => (x.GetValue(option) ?? []).SelectMany(word => Parameter(parameter, word)));
    }

    /// <summary>
    /// Options for the beginning, itself included, and the end of a time: <c>--NAME-from</c> and <c>--NAME-until</c>.
    /// </summary>
    public ListOptions Times(string name, string field, string what) =>
        Time($"--{name}-from", $"{field}_gte", $"Only {what} then or later.")
            .Time($"--{name}-until", $"{field}_lt", $"Only {what} before then.");

    /// <summary>An option with an instant. One that is written without a zone is local time.</summary>
    public ListOptions Time(string name, string parameter, string description)
    {
        var option = new Option<string?>(name)
        {
            Description = $"{description} Such as 2026-03-01, 2026-03-01T09:00 (local time) or 2026-03-01T09:00Z.",
            HelpName = "time",
        };
        option.Validators.Add(x =>
        {
            foreach (var token in x.Tokens.Where(t => Instant(t.Value) is null))
                x.AddError($"{name} is '{token.Value}'; write a time such as 2026-03-01T09:00 or 2026-03-01T09:00Z");
        });
        return Add(option, x => Parameter(parameter, Instant(x.GetValue(option))?.ToString("O")));
    }

    /// <summary>An option with a number of seconds.</summary>
    public ListOptions Seconds(string name, string parameter, string description)
    {
        var option = new Option<double?>(name) { Description = description, HelpName = "seconds" };
        return Add(option, x => Parameter(parameter, x.GetValue(option)?.ToString("R", CultureInfo.InvariantCulture)));
    }

    /// <summary>The option for the order.</summary>
    public ListOptions OrderBy(params string[] columns)
    {
        var option = new Option<string?>("--order-by")
        {
            Description =
                $"{string.Join(", ", columns)}; with '-' in front descending, as in --order-by=-{columns[0]}.",
            HelpName = "column",
        };
        option.AcceptOnlyFromAmong([.. columns, .. columns.Select(x => $"-{x}")]);
        return Add(option, x => Parameter("order_by", x.GetValue(option)));
    }

    ListOptions Add(Option option, Func<ParseResult, IEnumerable<string>> parameters)
    {
        options.Add((option, parameters));
        return this;
    }

    static IEnumerable<string> Parameter(string name, string? value) =>
        value is null ? [] : [$"{name}={Uri.EscapeDataString(value)}"];

    static DateTimeOffset? Instant(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var instant)
            ? instant.ToUniversalTime()
            : null;
}
