using System.Globalization;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Plays a run to its end, one attempt after the other, and writes down where its tasks stand.</summary>
static class Playback
{
    /// <summary>
    /// The states of the tasks and of the run, such as <c>a success, b skipped: success</c>.
    /// </summary>
    /// <param name="dag">The DAG; tasks without <c>run</c> and <c>noop</c> get a line to run.</param>
    /// <param name="ends">How attempts end, such as <c>a: exit 1</c> or <c>a: next=b</c>; the others succeed.</param>
    public static string Ends(string dag, params string[] ends) => Describe(Play(Dag(dag), ends).Run);

    public static (Run Run, List<RunEvent> Log) Play(DagSpec dag, params string[] ends)
    {
        var behaviours = ends.Select(x => x.Split(": ", 2)).ToDictionary(x => x[0], x => x[1]);
        var log = new List<RunEvent>(RunDecider.Decide(Run.None, Start(dag)));
        var run = log.Aggregate(Run.None, Run.Evolve);
        while (Next(run, behaviours) is { } events)
        {
            run = events.Aggregate(run, Run.Evolve);
            log.AddRange(events);
        }
        return (run, log);
    }

    public static string Describe(Run run) =>
        string.Join(", ", run.Instances.Select(x => $"{x.TaskId} {Word(run.Tasks[x.TaskId].State)}"))
        + $": {(run.Outcome is { } outcome ? (outcome is RunOutcome.Succeeded ? "success" : "failed") : "running")}";

    static string Word(TaskState state) =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    // Attempts that hang stay queued while others can go on.
    static IReadOnlyList<RunEvent>? Next(Run run, IReadOnlyDictionary<string, string> behaviours)
    {
        foreach (var spec in run.Instances)
        {
            var task = run.Tasks[spec.TaskId];
            if (task.State is TaskState.UpForRetry)
                return RunDecider.Decide(run, new RetryDue(spec.TaskId, task.Attempt + 1, T0));
            var behaviour = behaviours.GetValueOrDefault(spec.TaskId, "");
            if (task.State is TaskState.Queued && behaviour != "hangs")
                return RunDecider.Decide(run, Report(spec.TaskId, task.Attempt, behaviour));
        }
        return null;
    }

    public static ReportAttempt Report(string task, int attempt, string behaviour) =>
        behaviour.Split(' ', '=') switch
        {
            ["exit", var code] => Failed(task, attempt) with
            {
                ExitCode = int.Parse(code, CultureInfo.InvariantCulture),
            },
            ["oom"] => Failed(task, attempt, "oom") with { ExitCode = 137 },
            [var output, ..] when behaviour.Contains('=') => Succeeded(task, attempt) with
            {
                Outputs = new Dictionary<string, string> { [output] = behaviour[(output.Length + 1)..] },
            },
            _ => Succeeded(task, attempt),
        };
}
