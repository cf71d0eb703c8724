using System.Text.RegularExpressions;

namespace Nightshift.Contracts;

/// <summary>The queues that executors listen to: whoever sends to one has to name it alike.</summary>
public static partial class ExecutorQueue
{
    /// <summary>The queue of tasks that name none.</summary>
    public const string Default = "default";

    /// <summary>What a queue of tasks may be called, for the sentence that refuses a name.</summary>
    public const string Rule = "1 to 60 lower-case letters, digits and dashes, not beginning with engine-, such as gpu";

    /// <summary>The same as a regular expression over the whole name, which means the same in ECMAScript.</summary>
    public const string Pattern = "(?!engine-)[a-z0-9-]{1,60}";

    /// <summary>True for a name that a queue of tasks can have; it cannot be taken for an engine's.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>Where <see cref="StartAttempt"/> goes.</summary>
    /// <param name="name">The queue a task names.</param>
    public static string OfTasks(string name) => $"executor-{name}";

    /// <summary>Where <see cref="RestartContainer"/> goes.</summary>
    /// <param name="engine">Identity of the Docker engine.</param>
    public static string OfEngine(string engine) => $"executor-engine-{engine}";

    [GeneratedRegex(@"\A(?:" + Pattern + @")\z")]
    private static partial Regex Name();
}
