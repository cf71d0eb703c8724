using System.Text;
using System.Text.RegularExpressions;

namespace Nightshift.Cli.Dags.Import;

/// <summary>Writes what a task runs.</summary>
static partial class ShellTask
{
    /// <summary>Exit code of a task whose work was not carried over: EX_UNAVAILABLE of sysexits.h.</summary>
    const int NotCarriedOver = 69;

    // MAX_ARG_STRLEN of Linux, without the closing NUL: the most that one argument or variable takes.
    const int MostBytes = 128 * 1024 - 1;

    const string CommandVariable = "COMMAND_LINE";

    /// <summary>A line for a shell. Its text reaches the shell as it is.</summary>
    /// <returns>False when the text is too long for a program to take; then nothing is added.</returns>
    public static bool AddLine(YamlMap task, YamlMap env, string shell, string line)
    {
        if (!Fits(line))
            return false;
        if (LooksLikeTemplate().IsMatch(line)) // the scheduler refuses it in a command, lest it be meant as a template
        {
            var variable = CommandVariable;
            while (env[variable] is not null || line.Contains(variable, StringComparison.Ordinal))
                variable += "_";
            var literal = LiquidText.Literal(line);
            if (!Fits(literal))
                return false;
            env.Add(variable, literal);
            line = $"eval \"${variable}\"";
        }
        if (shell is "sh" or "/bin/sh" or "/usr/bin/sh")
            task.Add("run", StopsEarly().IsMatch(line) ? $"set +e\n{line}" : line);
        else
            task.Add("command", (IReadOnlyList<string>)[shell, "-c", line]);
        return true;
    }

    /// <summary>A program and its arguments.</summary>
    /// <returns>False when an argument is too long, or is taken for a template; then nothing is added.</returns>
    public static bool AddCommand(YamlMap task, IReadOnlyList<string> command)
    {
        if (command.Any(x => !Fits(x) || LooksLikeTemplate().IsMatch(x)))
            return false;
        task.Add("command", command);
        return true;
    }

    /// <summary>A task that fails and says why: one that did nothing and succeeded would hide the loss.</summary>
    public static void AddFailure(YamlMap task, string reason) =>
        task.Add("run", $"echo {Quoted($"Not carried over: {Printable(reason)}")} >&2\nexit {NotCarriedOver}");

    /// <summary>A text as one word of a shell line.</summary>
    public static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>Whether a program takes the text as an argument.</summary>
    public static bool Fits(string text) => Encoding.UTF8.GetByteCount(text) <= MostBytes;

    // Also nothing that reads as a template.
    static string Printable(string text) => DagYaml.Comment(text).Replace("{", "\uFF5B", StringComparison.Ordinal);

    // The names that templates of a DAG file know.
    [GeneratedRegex(
        @"\{\{-?\s*(?:run_id|ds|logical_date|data_interval_start|data_interval_end|params|tasks|trigger)\b"
            + @"|\{%[^%]*?\b(?:params|tasks|trigger)[.\[]"
    )]
    private static partial Regex LooksLikeTemplate();

    // A 'run' line stops at the first command that fails; cron and Airflow go on.
    [GeneratedRegex(@"[;\n]|(?<!\$)[{(]|(?<!&)&(?!&)")]
    private static partial Regex StopsEarly();
}
