using System.Text.RegularExpressions;

namespace Nightshift.Cli.Client;

/// <summary>What may reach the reader's terminal.</summary>
public static partial class Terminal
{
    /// <summary>
    /// Takes out control characters, colours and tabs apart: a task's output must not move the cursor or rename the
    /// window.
    /// </summary>
    public static string Safe(string line) => Control().Replace(line, "$1");

    [GeneratedRegex(@"(\e\[[0-9;]*m|\t)|\p{Cc}")]
    private static partial Regex Control();
}
