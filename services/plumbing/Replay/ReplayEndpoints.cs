using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Replay;

/// <summary><c>/api/v2/streams/{id}</c>: why things are as they are.</summary>
static class ReplayEndpoints
{
    public static void MapReplay(this IEndpointRouteBuilder app)
    {
        var streams = app.MapGroup("/api/v2/streams").RequireRole(Role.Viewer);
        streams.MapGet(
            "/{streamId}",
            (string streamId, StreamReplay replay, CancellationToken cancellationToken) =>
                replay.Steps(streamId, cancellationToken)
        );
        streams.MapGet("/{streamId}/state", State);
        streams.MapGet("/{streamId}/follow", Follow);
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

    // Without states a follower of a large run gets little more than the events themselves.
    static ServerSentEventsResult<ReplayStep> Follow(
        string streamId,
        StreamReplay replay,
        CancellationToken cancellationToken,
        bool states = true
    ) => TypedResults.ServerSentEvents(Items(replay.Follow(streamId, cancellationToken), states, cancellationToken));

    static async IAsyncEnumerable<SseItem<ReplayStep>> Items(
        IAsyncEnumerable<ReplayStep> steps,
        bool states,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var step in steps.WithCancellation(cancellationToken))
            yield return new(states ? step : step with { Before = null, After = null }, step.Type);
    }
}
