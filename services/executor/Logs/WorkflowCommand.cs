using System.Globalization;

namespace Nightshift.Executor.Logs;

/// <summary>
/// A line of a task's standard output that speaks to Nightshift instead of to its reader. What is on standard error
/// is text only; a <c>run:</c> line has joined the two.
/// </summary>
public abstract record WorkflowCommand
{
    /// <summary>A value for the tasks behind this one: <c>::output rows=42</c>.</summary>
    /// <param name="Name">A letter or underscore, then letters, digits, underscores and dashes.</param>
    /// <param name="Value">Everything behind the first equals sign; JSON is allowed, and not looked at.</param>
    public sealed record Output(string Name, string Value) : WorkflowCommand;

    /// <summary>
    /// Something a person should know although the task goes on: <c>::warning disk is filling up</c>.
    /// </summary>
    public sealed record Warning(string Text) : WorkflowCommand;

    /// <summary>How far the task is: <c>::progress 40</c>.</summary>
    /// <param name="Percent">0 to 100.</param>
    public sealed record Progress(int Percent) : WorkflowCommand;

    /// <summary>Reads one line; null for an ordinary one, also for one that only looks like a command.</summary>
    public static WorkflowCommand? Parse(string line)
    {
        if (!line.StartsWith("::", StringComparison.Ordinal) || line.IndexOf(' ') is not (var space and > 2))
            return null;
        var rest = line[(space + 1)..];
        return line[2..space] switch
        {
            "output" when rest.IndexOf('=') is var equals and > 0 && IsName(rest.AsSpan(0, equals)) => new Output(
                rest[..equals],
                rest[(equals + 1)..]
            ),
            "warning" when rest.Trim() is { Length: > 0 } text => new Warning(text),
            "progress"
                when int.TryParse(rest.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var percent)
                    && percent <= 100 => new Progress(percent),
            _ => null,
        };
    }

    /// <summary>True for what may name an output.</summary>
    public static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > 128 || !(char.IsAsciiLetter(name[0]) || name[0] == '_'))
            return false;
        foreach (var c in name)
            if (!(char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
                return false;
        return true;
    }
}
