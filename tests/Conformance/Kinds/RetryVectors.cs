using System.Text.Json;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary>How long a task waits for its next try.</summary>
public sealed class RetryDelayVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Text("kind") is "next_retry_delay" or "next_retry_delay_derived";

    // Jitter depends on names and date, which the vectors leave open: their range holds for all of them.
    public VectorResult Run(Vector vector)
    {
        var expected = vector.Find("expected")!.Value;
        double Bound(string name) =>
            expected.GetProperty(expected.TryGetProperty(name, out _) ? name : "exact_s").GetDouble();
        var (least, most) = (Bound("min_s"), Bound("max_s"));
        var task = RetryingTask.Of(vector.Find("config")!.Value);
        var tries = vector.Find("try_number")!.Value.GetInt32();
        var outside = Enumerable
            .Range(0, 20)
            .Select(x => RetryDelay.Of(task, $"dag{x}", DateTimeOffset.UnixEpoch.AddDays(x), tries).TotalSeconds)
            .Where(x => x < least || x > most)
            .ToList();
        return outside.Count == 0
            ? new(VectorOutcome.Passed, "")
            : new(VectorOutcome.Failed, $"expected {least} to {most} s, but was {outside[0]} s");
    }
}

/// <summary>Whether a task that waits for its next try may run yet.</summary>
public sealed class RetryPeriodVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Text("kind") == "in_retry_period";

    public VectorResult Run(Vector vector)
    {
        var mayRun = vector.Find("expected")!.Value.GetProperty("may_run").GetBoolean();
        if (vector.Text("state") != "up_for_retry")
            return VectorResult.Compare(mayRun, true); // nothing waits for a retry
        var task = RetryingTask.Of(vector.Data) with { Retries = 1 };
        var run = RetryingTask.Queued(task);
        var ended = vector.Find("end_date")!.Value.GetDateTimeOffset();
        var retry = (TaskUpForRetry)RunDecider.Decide(run, RetryingTask.Failed(1, ended, exitCode: 1))[0];
        return VectorResult.Compare(mayRun, retry.RetryAt <= vector.Find("now")!.Value.GetDateTimeOffset());
    }
}

/// <summary>
/// Which failures are tried again. What Airflow calls AirflowFailException is an exit code of
/// <c>no_retry_on_exit_code</c> here.
/// </summary>
public sealed class NoRetryVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Text("kind") is "no_retry_on" or "retry_on";

    public VectorResult Run(Vector vector)
    {
        var task = RetryingTask.Of(vector.Find("config")!.Value) with { NoRetryOnExitCode = [2] };
        var exitCode = vector.Text("kind") == "no_retry_on" ? 2 : 1;
        var run = RetryingTask.Queued(task);
        var after = RunDecider
            .Decide(run, RetryingTask.Failed(1, DateTimeOffset.UnixEpoch, exitCode))
            .Aggregate(run, Nightshift.Scheduler.Runs.Run.Evolve);
        return VectorResult.Compare(
            vector.Find("expected")!.Value.GetProperty("state_after").GetString(),
            RetryingTask.StateOf(after)
        );
    }
}

/// <summary>Tries one after the other, with a clear between them.</summary>
public sealed class RetrySequenceVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Text("kind") == "retry_sequence";

    public VectorResult Run(Vector vector)
    {
        var steps = vector.Find("expected")!.Value.EnumerateArray().ToList();
        if (steps.Any(x => x.TryGetProperty("ran", out _)))
            return VectorResult.Skipped("a retry is due at its instant, not after it: docs/airflow-differences.md");
        var run = RetryingTask.Queued(RetryingTask.Of(vector.Find("config")!.Value));
        var (expected, actual) = (new List<string>(), new List<string>());
        foreach (var step in steps)
        {
            var attempt = run.Tasks["a"].Attempt;
            if (step.TryGetProperty("action", out _))
            {
                run = Then(run, RunDecider.Decide(run, new ClearTask("a", attempt, 64, "vector", At)));
                continue;
            }
            if (run.Tasks["a"].State is TaskState.UpForRetry)
                run = Then(run, RunDecider.Decide(run, new RetryDue("a", attempt + 1, At)));
            attempt = run.Tasks["a"].Attempt;
            run = Then(run, RunDecider.Decide(run, RetryingTask.Failed(attempt, At, exitCode: 1)));
            expected.Add($"{step.GetProperty("try_number")} {step.GetProperty("state_after")}");
            actual.Add($"{attempt} {RetryingTask.StateOf(run)}");
        }
        return VectorResult.Compare(string.Join(", ", expected), string.Join(", ", actual));
    }

    static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;

    static Run Then(Run run, IReadOnlyList<RunEvent> events) =>
        events.Aggregate(run, Nightshift.Scheduler.Runs.Run.Evolve);
}

/// <summary>A run of one task that fails.</summary>
static class RetryingTask
{
    public static TaskSpec Of(JsonElement config)
    {
        double? Number(string name) =>
            config.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number
                ? value.GetDouble()
                : null;
        var backoff = config.TryGetProperty("retry_exponential_backoff", out var multiplier)
            ? multiplier.ValueKind switch
            {
                JsonValueKind.True => 2,
                JsonValueKind.Number => multiplier.GetDouble(),
                _ => 0,
            }
            : 0;
        return GraphReader.Read(["a"]).Tasks[0] with
        {
            Retries = (int)(Number("retries") ?? 0),
            RetryDelay = TimeSpan.FromSeconds(Number("retry_delay_s") ?? 300),
            RetryExponentialBackoff = backoff,
            MaxRetryDelay = Number("max_retry_delay_s") is { } most ? TimeSpan.FromSeconds(most) : null,
        };
    }

    public static Run Queued(TaskSpec task)
    {
        var dag = GraphReader.Read(["a"]) with { Tasks = [task] };
        return RunDecider.Decide(Run.None, GraphReader.Start(dag)).Aggregate(Run.None, Run.Evolve);
    }

    public static ReportAttempt Failed(int attempt, DateTimeOffset at, int exitCode) =>
        new("a", attempt, false, "exit", "", 64, new Dictionary<string, string>(), at) { ExitCode = exitCode };

    public static string StateOf(Run run) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Tasks["a"].State.ToString());
}
