using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>What a person notes about a run or a task.</summary>
static class RunNote
{
    /// <summary>Characters at most, as in Airflow.</summary>
    public const int Longest = 1000;

    /// <summary>The note; null for none.</summary>
    /// <exception cref="RejectedException"><c>invalid_note</c></exception>
    public static string? Check(string? note) =>
        note is { Length: > Longest }
            ? throw new RejectedException(
                "invalid_note",
                $"'note' has {note.Length} characters; write at most {Longest}"
            )
            : note;
}
