using System.Buffers;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Replay;

/// <summary><c>/api/v2/streams/{id}</c>: why things are as they are.</summary>
static class ReplayEndpoints
{
    const int MaxLimit = 1000;

    public static void MapReplay(this IEndpointRouteBuilder app)
    {
        var streams = app.MapGroup("/api/v2/streams").RequireRole(Role.Viewer);
        streams.MapGet("/{streamId}", Steps);
        streams.MapGet("/{streamId}/state", State);
        streams.MapGet("/{streamId}/values/{sha256}", Value);
        streams.MapGet("/{streamId}/follow", Follow);
    }

    /// <param name="streamId">The stream.</param>
    /// <param name="replay">Folds it.</param>
    /// <param name="http">The request. <c>Accept: application/x-ndjson</c> streams every step behind
    /// <paramref name="after"/>, one a line; otherwise the answer is one page, and its <c>Link</c> header has the
    /// next.</param>
    /// <param name="cancellationToken">Ends the replay when the caller leaves.</param>
    /// <param name="after">Only steps behind this version.</param>
    /// <param name="limit">Steps in a page, 1 to 1000.</param>
    static async Task<IResult> Steps(
        string streamId,
        StreamReplay replay,
        HttpContext http,
        CancellationToken cancellationToken,
        long after = 0,
        int limit = MaxLimit
    )
    {
        if (limit is < 1 or > MaxLimit || after < 0)
            throw new RejectedException(
                "invalid_page",
                $"'limit' is {limit} and 'after' {after}; give a limit from 1 to {MaxLimit} and a version of 0 or more"
            );
        var last = await replay.VersionOf(streamId, cancellationToken);
        if (http.Request.Headers.Accept.Any(x => x?.Contains(NdJson, StringComparison.OrdinalIgnoreCase) is true))
            return new LinesResult(replay.Steps(streamId, after, last, cancellationToken));
        var upTo = Math.Min(last, after + limit);
        if (upTo < last)
            http.Response.Headers.Link =
                $"</api/v2/streams/{Uri.EscapeDataString(streamId)}?after={upTo}&limit={limit}>; rel=\"next\"";
        return TypedResults.Ok(replay.Steps(streamId, after, upTo, cancellationToken));
    }

    const string NdJson = "application/x-ndjson";

    // As soon as there is something to read, and as fast as it is read.
    sealed class LinesResult(IAsyncEnumerable<ReplayStep> steps) : IResult
    {
        const int FlushAt = 16 * 1024;

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var (body, cancelled) = (httpContext.Response.BodyWriter, httpContext.RequestAborted);
            httpContext.Response.ContentType = NdJson;
            await using var json = new Utf8JsonWriter(body);
            await foreach (var step in steps)
            {
                JsonSerializer.Serialize(json, step, Json.Options);
                await json.FlushAsync(cancelled);
                json.Reset();
                body.Write("\n"u8);
                if (step.Version == 1 || body.UnflushedBytes >= FlushAt)
                    await body.FlushAsync(cancelled);
            }
        }
    }

    static Task<StateAt> State(string streamId, string? at, StreamReplay replay, CancellationToken cancellationToken) =>
        at switch
        {
            null => replay.At(streamId, version: null, instant: null, cancellationToken),
            _ when long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var version) => replay.At(
                streamId,
                version,
                instant: null,
                cancellationToken
            ),
            _ when DateTimeOffset.TryParse(
                    at,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out var instant
                ) => replay.At(streamId, version: null, instant, cancellationToken),
            _ => throw new RejectedException(
                "invalid_at",
                $"'at' is '{at}'; give a version such as 3 or an instant such as 2026-01-31T09:00:00Z"
            ),
        };

    /// <param name="streamId">The stream.</param>
    /// <param name="sha256">The hash by which an event refers to the value.</param>
    /// <param name="values">The values beside the streams.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<ContentHttpResult> Value(
        string streamId,
        string sha256,
        StreamValueTable values,
        CancellationToken cancellationToken
    ) =>
        (await values.Find(streamId, [sha256], cancellationToken)).TryGetValue(sha256, out var value)
            ? TypedResults.Text(value, "text/plain", Encoding.UTF8)
            : throw new RejectedException("unknown_value", $"Stream '{streamId}' has no value '{sha256}' beside it");

    /// <param name="streamId">The stream.</param>
    /// <param name="replay">Folds it.</param>
    /// <param name="cancellationToken">Ends the following when the caller leaves.</param>
    /// <param name="states">False leaves out what each event changed in the state.</param>
    static ServerSentEventsResult<ReplayStep> Follow(
        string streamId,
        StreamReplay replay,
        CancellationToken cancellationToken,
        bool states = true
    ) => TypedResults.ServerSentEvents(Items(streamId, replay, states, cancellationToken));

    static async IAsyncEnumerable<SseItem<ReplayStep>> Items(
        string streamId,
        StreamReplay replay,
        bool states,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var step in replay.Follow(streamId, cancellationToken))
            yield return new(states ? replay.Changes(step) : ReplayStep.Of(step.Event), step.Event.EventTypeName);
    }
}
