namespace Nightshift.Executor.Logs;

/// <summary>One line of a task's log.</summary>
/// <param name="Seq">Its place in the log, from 1.</param>
/// <param name="At">When the engine took it (UTC, microseconds).</param>
/// <param name="Stream"><c>stdout</c>, <c>stderr</c>, or <c>nightshift</c> for our own remarks.</param>
/// <param name="Text">The line without its end; secrets are masked.</param>
public sealed record LogLine(long Seq, DateTimeOffset At, string Stream, string Text)
{
    /// <summary>The stream of our own remarks.</summary>
    public const string Ours = "nightshift";
}
