using Microsoft.AspNetCore.Http.HttpResults;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// Deletes a run that has ended: its events, its row and what belongs to them. The stream of its DAG says who did it.
/// Attempts and logs are the executor's and go when they are old.
/// </summary>
sealed class RunDeletion(
    StreamStore<Run> runs,
    StreamStore<Dag> dags,
    IEnumerable<IRetainedKind> kinds,
    RelayGap relay,
    TimeProvider clock
)
{
    /// <summary>How old a message may be that has not been published yet; what it is made of must not go.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    readonly RetainedStreams retained = kinds.OfType<RetainedStreams>().Single(x => x.Name == RunStream.Retention.Name);

    /// <summary>Deletes it.</summary>
    /// <param name="dagId">Its DAG; <c>~</c> for whichever it is.</param>
    /// <param name="runId">The run.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RejectedException"><c>unknown_run</c>; <c>run_open</c>: it has not ended; <c>run_busy</c>: it
    /// is being changed, or messages of it wait for the broker. Of <c>run_busy</c> the request is recorded.</exception>
    public async Task Delete(string dagId, string runId, string by, CancellationToken cancellationToken)
    {
        var run = await RunEndpoints.Find(dagId, runId, runs, cancellationToken);
        if (run.Outcome is null)
            throw new RejectedException("run_open", $"Run '{runId}' has not ended; wait, or cancel it");
        if (await relay.OldestUnpublished(cancellationToken) > LongestWait)
            throw Busy(runId, "messages wait for the broker");
        var requested = new RunDeletionRequested(runId, by, clock.GetUtcNow());
        await dags.Transact(run.Queued!.DagId, _ => [requested], cancellationToken);
        if (await retained.RemoveEnded([RunStream.Definition.Prefix + runId], cancellationToken) == 0)
            throw Busy(runId, "it is being changed");
    }

    static RejectedException Busy(string runId, string why) =>
        new("run_busy", $"Run '{runId}' cannot be deleted now: {why}; ask again in a moment");
}

/// <summary><c>DELETE /api/v2/dags/{dag}/dagRuns/{run}</c></summary>
static class RunDeletionEndpoint
{
    public static void MapRunDeletion(this IEndpointRouteBuilder app) =>
        app.MapDelete("/api/v2/dags/{dagId}/dagRuns/{runId}", Delete).RequireRole(Role.Admin);

    static async Task<NoContent> Delete(
        string dagId,
        string runId,
        HttpContext http,
        RunDeletion deletion,
        CancellationToken cancellationToken
    )
    {
        await deletion.Delete(dagId, runId, http.User.CallerName(), cancellationToken);
        return TypedResults.NoContent();
    }
}
