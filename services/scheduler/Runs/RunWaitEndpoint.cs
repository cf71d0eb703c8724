using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// <c>GET …/dagRuns/{run}/wait</c>, as in Airflow: one line of JSON in each interval, and a last one as soon as the run
/// has ended.
/// </summary>
static class RunWaitEndpoint
{
    /// <summary>Shortest and longest interval, seconds. A proxy ends a connection that is silent for longer.</summary>
    const double Shortest = 0.1,
        Longest = 60;

    // Events of another instance are not signalled.
    static readonly TimeSpan SafetyPeriod = TimeSpan.FromSeconds(1);

    static readonly JsonSerializerOptions Lines = new(AirflowJson.Options) { WriteIndented = false };

    public static void MapRunWait(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v2/dags/{dagId}/dagRuns/{runId}/wait", Wait).RequireRole(Role.Viewer);

    /// <param name="dagId">The DAG; <c>~</c> for any.</param>
    /// <param name="runId">The run.</param>
    /// <param name="interval">Seconds between two lines while it runs, 0.1 to 60, default 5.</param>
    /// <param name="result">Tasks whose outputs the last line has; may be given several times. Of a mapped task it has
    /// those of all instances, by their names.</param>
    /// <param name="runs">Loads the run.</param>
    /// <param name="outputs">Loads long outputs.</param>
    /// <param name="commits">Wakes the wait.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the wait when the caller leaves.</param>
    static async Task<PushStreamHttpResult> Wait(
        string dagId,
        string runId,
        double? interval,
        [FromQuery(Name = "result")] string[] result,
        StreamStore<Run> runs,
        RunStore outputs,
        CommitSignals commits,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (interval is < Shortest or > Longest or double.NaN)
            throw new RejectedException(
                "invalid_interval",
                $"'interval' is {interval}; give seconds from {Shortest} to {Longest}"
            );
        var run = await RunEndpoints.Find(dagId, runId, runs, cancellationToken);
        if (result.FirstOrDefault(x => !run.Plan.Has(x) && run.Find(x) is null) is { } unknown)
            throw new RejectedException("unknown_task", $"'result' is '{unknown}'; run '{runId}' has no such task");
        return TypedResults.Stream(body => Write(body, TimeSpan.FromSeconds(interval ?? 5)), "application/x-ndjson");

        async Task Write(Stream body, TimeSpan period)
        {
            using var watch = commits.On(RunStream.Definition.Prefix + runId);
            var next = clock.GetTimestamp();
            while (true)
            {
                (run, _) = await runs.Load(runId, cancellationToken);
                if (run.Outcome is not null)
                {
                    await Line(body, new(RunBody.StateOf(run), await Results()));
                    return;
                }
                if (clock.GetTimestamp() >= next)
                {
                    await Line(body, new(RunBody.StateOf(run), Results: null));
                    next = clock.GetTimestamp() + (long)(period.TotalSeconds * clock.TimestampFrequency);
                }
                var left = clock.GetElapsedTime(clock.GetTimestamp(), next);
                await watch.Next(left < SafetyPeriod ? left : SafetyPeriod, clock, cancellationToken);
            }
        }

        async Task<Dictionary<string, IReadOnlyDictionary<string, string>>?> Results()
        {
            if (result.Length == 0)
                return null;
            var found = new Dictionary<string, IReadOnlyDictionary<string, string>>();
            foreach (var task in result.SelectMany(run.Named))
                found[task.TaskId] = await outputs.OutputsOf(run, run.Tasks[task.TaskId], cancellationToken);
            return found;
        }

        async Task Line(Stream body, RunWaitLine line)
        {
            await JsonSerializer.SerializeAsync(body, line, Lines, cancellationToken);
            await body.WriteAsync("\n"u8.ToArray(), cancellationToken);
            await body.FlushAsync(cancellationToken);
        }
    }
}

/// <summary>A line of the answer. <paramref name="Results"/>: outputs of the tasks asked for; only in the last line.
/// </summary>
sealed record RunWaitLine(
    string State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? Results
);
