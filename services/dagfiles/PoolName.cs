using System.Text.RegularExpressions;

namespace Nightshift.DagFiles;

/// <summary>What a pool may be called.</summary>
public static partial class PoolName
{
    /// <summary>The pool that always exists. As in Airflow it has 128 slots at first; unlike there, only tasks that name
    /// it, or slots, take some of it.</summary>
    public const string Default = "default_pool";

    /// <summary>The rule, for the sentence that refuses a name.</summary>
    public const string Rule =
        "1 to 100 letters, digits, _, - and ., beginning with a letter or digit, such as database";

    /// <summary>The rule as a regular expression that matches the whole name.</summary>
    public const string Pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";

    /// <summary>True for a name that a pool can have.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>The rule.</summary>
    [GeneratedRegex(@"\A(?:" + Pattern + @")\z")]
    internal static partial Regex Name();
}
