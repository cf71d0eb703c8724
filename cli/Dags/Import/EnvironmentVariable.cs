using System.Text.RegularExpressions;

namespace Nightshift.Cli.Dags.Import;

/// <summary>What a DAG file may have as a variable.</summary>
static partial class EnvironmentVariable
{
    /// <summary>Why a variable cannot be carried over; null when it can.</summary>
    public static string? Mistake(string name, string value) =>
        !Name().IsMatch(name) ? $"'{Client.Terminal.Excerpt(name, 60)}' cannot be a variable's name here"
        : value.StartsWith("secret:", StringComparison.Ordinal)
            ? "A value that begins with 'secret:' names a secret here; write it into the command"
        : !ShellTask.Fits($"{name}={value}") ? "It has more than the 128 KiB that a program takes"
        : null;

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,99}\z")]
    private static partial Regex Name();
}
