namespace Nightshift.Bench.Chaos;

/// <summary>All events of one run and of its attempts, in the order in which they were recorded.</summary>
sealed class RunTimeline(string runId, IReadOnlyList<RecordedEvent> events)
{
    const string RunPrefix = "run-",
        AttemptPrefix = "attempt-";

    static readonly string[] Results = ["task_succeeded", "task_up_for_retry", "task_requeued", "task_failed"];

    public string RunId => runId;

    /// <summary>True once the run exists.</summary>
    public bool Exists => InRun("run_queued").Any();

    /// <summary>How the run ended; null while it is open.</summary>
    public string? Outcome => InRun("run_finished").LastOrDefault()?.Outcome;

    /// <summary>When anything of it was recorded last.</summary>
    public DateTimeOffset LastAt => events[^1].RecordedAt;

    /// <summary>Attempt streams name their run in their first event only.</summary>
    public static IEnumerable<RunTimeline> Of(IReadOnlyList<RecordedEvent> events)
    {
        var runs = events
            .Where(x => x.RunId is not null && x.Stream.StartsWith(AttemptPrefix, StringComparison.Ordinal))
            .DistinctBy(x => x.Stream)
            .ToDictionary(x => x.Stream, x => x.RunId!);
        return events
            .Select(x => (Event: x, Run: RunOf(x.Stream, runs)))
            .Where(x => x.Run is not null)
            .GroupBy(x => x.Run!, x => x.Event)
            .Select(x => new RunTimeline(x.Key, [.. x.OrderBy(e => e.RecordedAt)]));
    }

    /// <summary>
    /// The times between two events while the run was open, the last one until it ended or until now.
    /// </summary>
    /// <param name="taskTime">How long the command of a task takes by itself: no stall.</param>
    /// <param name="until">Now.</param>
    /// <returns>The event before, the time of the one after, and how long the run stood still between two times
    /// in between.</returns>
    public IEnumerable<(
        RecordedEvent After,
        DateTimeOffset To,
        Func<DateTimeOffset, DateTimeOffset, TimeSpan> Length
    )> Gaps(TimeSpan taskTime, DateTimeOffset until)
    {
        var open = events.TakeWhile(x => x.Type != "run_finished").ToList();
        var end = open.Count < events.Count ? events[open.Count].RecordedAt : until;
        var commands = Commands(taskTime).ToList();
        for (var i = 0; i < open.Count; i++)
            yield return (
                open[i],
                i + 1 < open.Count ? open[i + 1].RecordedAt : end,
                (from, to) => to - from - Covered(from, to, commands)
            );
    }

    /// <summary>Tasks of which more than one success, and attempts of which more than one result counts.</summary>
    public IEnumerable<(string What, DateTimeOffset At)> AcceptedTwice() =>
        Repeated(InRun("task_succeeded"), x => $"task {x.Task}")
            .Concat(Repeated(events.Where(x => Results.Contains(x.Type)), x => $"attempt {x.Attempt} of task {x.Task}"))
            .Concat(Repeated(events.Where(x => x.Type == "attempt_finished"), x => x.Stream))
            .DistinctBy(x => x.At);

    /// <summary>The tasks that succeeded.</summary>
    public IReadOnlySet<string> Succeeded() => InRun("task_succeeded").Select(x => x.Task ?? "").ToHashSet();

    /// <summary>The tasks that failed for good.</summary>
    public IEnumerable<string> Failed() => InRun("task_failed").Select(x => x.Task ?? "");

    IEnumerable<RecordedEvent> InRun(string type) =>
        events.Where(x => x.Type == type && x.Stream.StartsWith(RunPrefix, StringComparison.Ordinal));

    // Commands run side by side only in runs that are wider than these: their times do not overlap.
    IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Commands(TimeSpan taskTime) =>
        taskTime == TimeSpan.Zero
            ? []
            : events
                .Where(x => x.Type == "attempt_started")
                .Select(x => x.At ?? x.RecordedAt)
                .Select(x => (x, x + taskTime));

    static TimeSpan Covered(
        DateTimeOffset from,
        DateTimeOffset to,
        IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> commands
    ) =>
        TimeSpan.FromTicks(
            commands.Sum(x => Math.Max(0, Math.Min(to.Ticks, x.To.Ticks) - Math.Max(from.Ticks, x.From.Ticks)))
        );

    static IEnumerable<(string What, DateTimeOffset At)> Repeated(
        IEnumerable<RecordedEvent> events,
        Func<RecordedEvent, string> what
    ) => events.GroupBy(what).Where(x => x.Skip(1).Any()).Select(x => (x.Key, x.ElementAt(1).RecordedAt));

    static string? RunOf(string stream, Dictionary<string, string> runs) =>
        stream.StartsWith(RunPrefix, StringComparison.Ordinal)
            ? stream[RunPrefix.Length..]
            : runs.GetValueOrDefault(stream);
}
