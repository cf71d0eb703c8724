using System.Text.RegularExpressions;
using Nightshift.DagFiles;

namespace Nightshift.Cli.Dags.Import;

/// <summary>Makes names that DAG files allow.</summary>
static partial class DagName
{
    const int MaxLength = 100;
    const int Room = 20; // for what makes a name unique

    /// <summary>A name for a DAG: letters, digits, <c>_</c> and <c>-</c>, without <c>_</c> at either end or twice in a
    /// row.</summary>
    /// <param name="text">What it is to be like.</param>
    /// <param name="otherwise">The name when nothing of the text may stand in one.</param>
    public static string Of(string text, string otherwise)
    {
        if (DagNames.IsDag(text))
            return text;
        var name = Underscores().Replace(Forbidden().Replace(text, "-"), "_").Trim('-', '_');
        return name.Length == 0 ? otherwise : name[..Math.Min(name.Length, MaxLength - Room)].TrimEnd('-', '_');
    }

    /// <summary>A name for a task: letters, digits, <c>_</c> and <c>-</c>.</summary>
    public static string OfTask(string text)
    {
        if (DagNames.IsName(text))
            return text;
        var name = Forbidden().Replace(text, "_").TrimStart('-', '_');
        return name.Length == 0 ? "task" : name[..Math.Min(name.Length, MaxLength - Room)];
    }

    /// <summary>The name, or one like it that is not taken; it is taken then.</summary>
    public static string Unique(string name, ISet<string> taken)
    {
        var unique = name;
        for (var copy = 2; !taken.Add(unique); copy++)
            unique = $"{name}-{copy}";
        return unique;
    }

    [GeneratedRegex(@"[^A-Za-z0-9_-]+")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"__+")]
    private static partial Regex Underscores();
}
