using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Tests;

/// <summary>Small DAGs and the events of their runs.</summary>
static class Plans
{
    public static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    public static readonly RunId Id = new("manual__etl__1");
    public static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    /// <summary>Reads a DAG the way users write it.</summary>
    public static DagSpec Dag(string yaml)
    {
        var reading = DagFile.Read(yaml);
        Assert.Empty(reading.Mistakes);
        return reading.Spec!;
    }

    /// <summary>extract → load, one retry after five minutes each.</summary>
    public static DagSpec ExtractThenLoad { get; } =
        Dag(
            """
            dag: etl
            defaults: { retries: 1, retry_delay: 5m, memory: 64MiB }
            tasks:
              extract: { noop: true }
              load: { noop: true, needs: [extract] }
            """
        );

    public static StartRun Start(DagSpec dag, IReadOnlyDictionary<string, string?>? given = null) =>
        new(
            Id,
            dag,
            dag.Version(),
            RunType.Manual,
            "operator",
            T0,
            Interval: null,
            given ?? new Dictionary<string, string?>(),
            Nothing,
            T0
        );

    /// <summary>The end of a run, by default its first.</summary>
    public static RunFinished Finished(RunOutcome outcome, params FailedTask[] failed) =>
        new(outcome, T0, End: 1, LogicalDate: T0, QueuedAt: T0, failed, failed.Length);

    public static RunQueued Queued(DagSpec dag) => (RunQueued)RunDecider.Decide(Run.None, Start(dag))[0];

    public static TaskQueued TaskQueued(
        DagSpec dag,
        string task,
        int attempt,
        DateTimeOffset? at = null,
        int? memory = null
    )
    {
        var spec = dag.Tasks.Single(x => x.TaskId == task);
        return new(
            task,
            attempt,
            new(
                spec.Kind,
                spec.Queue,
                spec.Image,
                spec.Command,
                spec.Env,
                spec.Timeout,
                memory ?? spec.MemoryMiB,
                spec.Cpus
            )
            {
                Priority = new Plan(dag.Tasks).PriorityOf(task) is var priority and not 1 ? priority : null,
            },
            at ?? T0
        );
    }

    public static ReportAttempt Succeeded(string task, int attempt = 1, DateTimeOffset? at = null) =>
        new(task, attempt, true, "completed", "", 64, Nothing, at ?? T0);

    public static ReportAttempt Failed(string task, int attempt = 1, string reason = "exit", int memory = 64) =>
        new(task, attempt, false, reason, "exit code 1", memory, Nothing, T0);

    /// <summary>An attempt that ended through no fault of its task.</summary>
    public static ReportAttempt Faulted(string task, int attempt = 1) =>
        new(task, attempt, false, "lost", "the executor is gone", 64, Nothing, T0, Infrastructure: true);
}
