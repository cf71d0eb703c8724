using System.Text.RegularExpressions;

namespace Nightshift.Contracts;

/// <summary>The queues of <see cref="StartAttempt"/>: whoever sends to one and whoever listens to it have to name it alike.</summary>
public static partial class TaskQueue
{
    /// <summary>What a queue may be called, for the sentence that refuses a name.</summary>
    public const string Rule = "1 to 60 lower-case letters, digits and dashes, not beginning with engine-, such as gpu";

    /// <summary>True for a name that can be a queue of tasks. Those of the engines, for <see cref="RestartContainer"/>, are named <c>engine-…</c>.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>The broker's queue.</summary>
    public static string Of(string name) => $"executor-{name}";

    [GeneratedRegex(@"\A(?!engine-)[a-z0-9-]{1,60}\z")]
    private static partial Regex Name();
}
