using Nightshift.Bench.Chaos;

namespace Nightshift.Bench.Tests.Chaos;

/// <summary>Writes down what a system would have recorded, second by second.</summary>
sealed class History
{
    static readonly DateTimeOffset Start = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);

    readonly List<RecordedEvent> events = [];
    readonly List<Disturbance> disturbances = [];
    readonly List<ExpectedRun> runs = [];
    readonly List<Guid> deliveries = [];

    public static DateTimeOffset At(double second) => Start.AddSeconds(second);

    public History Expect(string run, params string[] tasks) => Expect(run, TimeSpan.Zero, true, tasks);

    public History Expect(string run, TimeSpan taskTime, bool accepted, params string[] tasks)
    {
        runs.Add(new ExpectedRun(run, tasks, taskTime, accepted));
        return this;
    }

    public History Delivered(Guid guid)
    {
        deliveries.Add(guid);
        return this;
    }

    public History Killed(string part, double second)
    {
        disturbances.Add(new Disturbance(part, At(second)));
        return this;
    }

    /// <summary>An event of a run.</summary>
    public History Run(
        double second,
        string run,
        string type,
        string? task = null,
        int attempt = 1,
        string? outcome = null
    ) =>
        Add(
            new RecordedEvent($"run-{run}", type, At(second))
            {
                Task = task,
                Attempt = attempt,
                Outcome = outcome,
            }
        );

    /// <summary>An event of an attempt; only the first names the run.</summary>
    public History Attempt(double second, string run, string task, string type, double? at = null) =>
        Add(
            new RecordedEvent($"attempt-{run}~{task}~1", type, At(second))
            {
                RunId = type == "attempt_accepted" ? run : null,
                At = at is { } x ? At(x) : null,
            }
        );

    public History Add(string stream, string type, double second) => Add(new RecordedEvent(stream, type, At(second)));

    /// <summary>A run of one task from its start to its end.</summary>
    public History WholeRun(string run, double second, string outcome = "Succeeded") =>
        Run(second, run, "run_queued")
            .Run(second, run, "task_queued", "a")
            .Run(second + 1, run, outcome == "Succeeded" ? "task_succeeded" : "task_failed", "a")
            .Run(second + 1, run, "run_finished", outcome: outcome);

    public Observation Until(double second) => new(disturbances, runs, deliveries, events, At(second));

    History Add(RecordedEvent e)
    {
        events.Add(e);
        return this;
    }
}
