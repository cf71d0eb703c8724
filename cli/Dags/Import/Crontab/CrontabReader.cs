using System.Text;
using System.Text.RegularExpressions;

namespace Nightshift.Cli.Dags.Import.Crontab;

/// <summary>Reads a crontab as cron reads it (crontab(5) of Vixie cron and cronie).</summary>
/// <param name="system">The lines name a user after the times.</param>
sealed partial class CrontabReader(bool system)
{
    readonly Dictionary<string, (string Value, int Line)> env = [];
    readonly List<string> comments = [];
    readonly List<CrontabJob> jobs = [];
    readonly List<ImportFinding> problems = [];

    /// <summary>The lines that run something, and those that mean nothing.</summary>
    public static (IReadOnlyList<CrontabJob> Jobs, IReadOnlyList<ImportFinding> Problems) Read(string text, bool system)
    {
        var reader = new CrontabReader(system);
        foreach (var (i, line) in text.Split('\n').Index())
            reader.Take(line.TrimEnd('\r').Trim(' ', '\t'), i + 1);
        return (reader.jobs, reader.problems);
    }

    void Take(string line, int number)
    {
        if (line.StartsWith('#'))
        {
            comments.Add(line.TrimStart('#').Trim());
            return;
        }
        if (line.Length > 0 && Variable().Match(line) is { Success: true } set)
            env[set.Groups["name"].Value] = (Unquoted(set.Groups["value"].Value), number);
        else if (line.Length > 0)
            TakeJob(line, number);
        comments.Clear();
    }

    void TakeJob(string line, int number)
    {
        if (Job().Match(line) is not { Success: true } job)
            problems.Add(new($"line {number}", "line", $"'{Shown(line)}' has no command after its times"));
        else if (line.Contains('\uFFFD', StringComparison.Ordinal) || line.Contains('\0', StringComparison.Ordinal))
            problems.Add(new($"line {number}", "line", "It has bytes that are not UTF-8; save the crontab as UTF-8"));
        else if (UserAndCommand(job.Groups["command"].Value) is var (user, written))
        {
            var (command, input) = Split(written);
            jobs.Add(new(number, job.Groups["when"].Value, user, command, input, env.ToDictionary(), [.. comments]));
        }
        else
            problems.Add(
                new($"line {number}", "user", "Only one word follows the times; with --system a user and a command do")
            );
    }

    (string? User, string Command)? UserAndCommand(string text)
    {
        if (!system)
            return (null, text);
        var words = text.Split([' ', '\t'], 2, StringSplitOptions.TrimEntries);
        return words is [var user, { Length: > 0 } command] ? (user, command) : null;
    }

    // The first bare % ends the command; what follows is its input, with % for the end of a line.
    static (string Command, string? Input) Split(string text)
    {
        var parts = new List<StringBuilder> { new() };
        for (var i = 0; i < text.Length; i++)
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] == '%')
                parts[^1].Append(text[++i]);
            else if (text[i] == '%')
                parts.Add(new());
            else
                parts[^1].Append(text[i]);
        return (parts[0].ToString().TrimEnd(), parts.Count == 1 ? null : string.Join('\n', parts.Skip(1)));
    }

    static string Unquoted(string value) =>
        value.Length >= 2 && value[0] == value[^1] && value[0] is '"' or '\'' && value.Length >= 2
            ? value[1..^1]
            : value;

    public static string Shown(string text) => Client.Terminal.Excerpt(text, 60);

    [GeneratedRegex(@"\A(?:""(?<name>[^""]*)""|'(?<name>[^']*)'|(?<name>[^\s=""']+))[ \t]*=[ \t]*(?<value>.*)\z")]
    private static partial Regex Variable();

    // Some crons take a '-' before the times, which keeps the line out of the system log.
    [GeneratedRegex(@"\A-?(?<when>@\S+|(?:\S+[ \t]+){4}\S+)[ \t]+(?<command>\S.*)\z")]
    private static partial Regex Job();
}
