using System.Text.RegularExpressions;

namespace Nightshift.DagFiles;

/// <summary>What DAGs, tasks and parameters may be called.</summary>
public static partial class DagNames
{
    /// <summary>A DAG's name, as a regular expression over the whole of it. <c>__</c> separates the parts of a run's
    /// name.</summary>
    public const string DagPattern = "(?!.*__)(?!.*_$)[A-Za-z0-9][A-Za-z0-9_-]{0,99}";

    /// <summary>The same of a task's or parameter's name.</summary>
    public const string Pattern = "[A-Za-z0-9][A-Za-z0-9_-]{0,99}";

    /// <summary>Characters of a task's id, which begins with the names of the groups it is in; as in Airflow.</summary>
    public const int LongestTaskId = 250;

    /// <summary>True for a name that a DAG can have.</summary>
    public static bool IsDag(string name) => Dag().IsMatch(name);

    /// <summary>True for a name that a task or a parameter can have.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    [GeneratedRegex(@"\A(?:" + DagPattern + @")\z")]
    internal static partial Regex Dag();

    [GeneratedRegex(@"\A(?:" + Pattern + @")\z")]
    private static partial Regex Name();
}
