using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Mvc;
using Nightshift.Contracts;
using Nightshift.Executor.Attempts;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Logs;

/// <summary>
/// <c>GET /api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{try}</c>: one attempt's log, whole or as it
/// grows. <c>after</c> and <c>limit</c> page it by the numbers of its lines; <c>map_index</c> names an instance of a
/// mapped task.
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
        long? after,
        int? limit,
        [FromQuery(Name = "map_index")] int? mapIndex,
        HttpContext http,
        LogReader reader,
        StreamStore<Attempt> attempts,
        CancellationToken cancellationToken
    )
    {
        taskId = new TaskInstanceId(taskId, mapIndex ?? TaskInstanceId.NotMapped).ToString();
        if (after < 0 || limit < 1)
            throw new BadHttpRequestException(
                "'after' is the number of a line, 0 or more; 'limit' is how many lines, 1 or more"
            );
        var attemptId = AttemptId.Of(runId, taskId, tryNumber);
        if (follow is true)
            return TypedResults.ServerSentEvents(
                Events(reader.Follow(attemptId, After(http, after), cancellationToken), cancellationToken)
            );
        var (attempt, _) = await attempts.Load(attemptId, cancellationToken);
        if (attempt.Key is null || attempt.Key.DagId != dagId)
            throw new RejectedException(
                "unknown_attempt",
                $"Task {taskId} of run {runId} has no attempt {tryNumber} (yet). Add ?follow=true to wait for it"
            );
        var lines = after is { } line
            ? reader.Read(attemptId, line, cancellationToken)
            : reader.Read(attemptId, cancellationToken);
        if (limit is { } most)
            lines = lines.Take(most);
        return http.Request.GetTypedHeaders().Accept.Any(x => x.MediaType == "application/json")
            ? TypedResults.Ok(new LogContent(lines.Select(x => new LogEntry(x.At, x.Stream, x.Text, x.Seq))))
            : TypedResults.Stream(stream => Write(lines, stream, cancellationToken), "text/plain; charset=utf-8");
    }

    // A browser that connects again says which event it had last; a line's id is its number.
    static long After(HttpContext http, long? after) =>
        long.TryParse(
            http.Request.Headers["Last-Event-ID"],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var last
        )
            ? last
            : after ?? 0;

    // The shape of Airflow's answer, written while it is read. A page is asked for with after and limit.
    sealed record LogContent(IAsyncEnumerable<LogEntry> Content);

    sealed record LogEntry(DateTimeOffset Timestamp, string Stream, string Event, long Seq);

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
            )
            {
                EventId = line.Seq.ToString(CultureInfo.InvariantCulture),
            };
            if (line.Stream == "stdout" && WorkflowCommand.Parse(line.Text) is WorkflowCommand.Progress progress)
                yield return new(new { progress.Percent }, "progress");
        }
        yield return new(new { }, "end");
    }
}
