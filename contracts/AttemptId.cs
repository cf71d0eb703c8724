using System.Globalization;

namespace Nightshift.Contracts;

/// <summary>
/// Names one attempt: <c>{RunId}~{TaskId}~{Attempt}</c>. Neither run ids nor the names of DAGs and tasks can hold a
/// <c>~</c>, so an id has one reading, also when a task's name holds dots or an index.
/// </summary>
public static class AttemptId
{
    /// <summary>What separates the parts.</summary>
    public const char Separator = '~';

    /// <summary>The id of an attempt.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="taskId">The task, or the instance of a mapped task (<see cref="TaskInstanceId"/>).</param>
    /// <param name="attempt">1 for the first try.</param>
    public static string Of(string runId, string taskId, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{runId}{Separator}{taskId}{Separator}{attempt}");
}
