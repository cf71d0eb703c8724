namespace Nightshift.Executor.Containers;

/// <summary>The attempt ends before a process could run.</summary>
/// <param name="reason">One of <see cref="Attempts.Reasons"/>.</param>
/// <param name="text">One line for a person.</param>
public sealed class TaskCannotRunException(string reason, string text) : Exception(text)
{
    /// <summary>One of <see cref="Attempts.Reasons"/>.</summary>
    public string Reason { get; } = reason;
}
