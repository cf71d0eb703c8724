using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Nightshift.Contracts;
using Nightshift.Executor.Attempts;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Logs;

/// <summary>
/// <c>GET /api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{try}</c>: one attempt's log, whole or as it
/// grows.
/// </summary>
static class LogEndpoint
{
    public static void MapLogs(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/logs/{tryNumber:int:min(1)}", Handle)
            .RequireRole(Role.Viewer);

    static async Task<IResult> Handle(
        string dagId,
        string runId,
        string taskId,
        int tryNumber,
        bool? follow,
        HttpContext http,
        LogReader reader,
        StreamStore<Attempt> attempts,
        CancellationToken cancellationToken
    )
    {
        var attemptId = AttemptId.Of(runId, taskId, tryNumber);
        if (follow is true)
            return TypedResults.ServerSentEvents(
                Events(reader.Follow(attemptId, cancellationToken), cancellationToken)
            );
        var (attempt, _) = await attempts.Load(attemptId, cancellationToken);
        if (attempt.Key is null || attempt.Key.DagId != dagId)
            throw new RejectedException(
                "unknown_attempt",
                $"Task {taskId} of run {runId} has no attempt {tryNumber} (yet). Add ?follow=true to wait for it"
            );
        var lines = reader.Read(attemptId, cancellationToken);
        return http.Request.GetTypedHeaders().Accept.Any(x => x.MediaType == "application/json")
            ? TypedResults.Ok(new LogContent(await Content(lines, cancellationToken)))
            : TypedResults.Stream(stream => Write(lines, stream, cancellationToken), "text/plain; charset=utf-8");
    }

    // The shape of Airflow's answer, and the whole log at once: there is nothing to continue.
    sealed record LogContent(IReadOnlyList<LogEntry> Content);

    sealed record LogEntry(DateTimeOffset Timestamp, string Stream, string Event);

    static async Task<IReadOnlyList<LogEntry>> Content(
        IAsyncEnumerable<LogLine> lines,
        CancellationToken cancellationToken
    ) => await lines.Select(x => new LogEntry(x.At, x.Stream, x.Text)).ToListAsync(cancellationToken);

    static async Task Write(IAsyncEnumerable<LogLine> lines, Stream stream, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(stream) { NewLine = "\n" };
        await foreach (var line in lines.WithCancellation(cancellationToken))
            await writer.WriteLineAsync(line.Stream == LogLine.Ours ? $"[nightshift] {line.Text}" : line.Text);
    }

    static async IAsyncEnumerable<SseItem<object>> Events(
        IAsyncEnumerable<LogLine> lines,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            yield return new(
                new
                {
                    line.At,
                    line.Stream,
                    line.Text,
                },
                "line"
            );
            if (WorkflowCommand.Parse(line.Text) is WorkflowCommand.Progress progress)
                yield return new(new { progress.Percent }, "progress");
        }
        yield return new(new { }, "end");
    }
}
