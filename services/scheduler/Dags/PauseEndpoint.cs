using System.Text.Json.Serialization;
using Marten;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary>What may be changed of a DAG.</summary>
/// <param name="IsPaused">True: its schedule makes no runs, and other runs are queued.</param>
sealed record DagPatch([property: JsonPropertyName("is_paused")] bool? IsPaused);

/// <summary><c>PATCH /api/v2/dags/{dag}</c>, in Airflow's shape.</summary>
static class PauseEndpoint
{
    public static void MapDagPause(this IEndpointRouteBuilder app) =>
        app.MapPatch("/api/v2/dags/{dagId}", Patch).RequireRole(Role.Operator).AnswerInSnakeCase();

    static async Task<DagDetails> Patch(
        string dagId,
        DagPatch body,
        HttpContext http,
        StreamStore<Dag> dags,
        IDocumentStore store,
        DagFolder folder,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        await DagEndpoints.Get(dagId, store, folder, cancellationToken); // says which one there is not
        if (body.IsPaused is not { } paused)
            throw new RejectedException("invalid_is_paused", "'is_paused' is missing; give true or false");
        await Set(dagId, paused, http.User.CallerName(), dags, clock, cancellationToken);
        return await DagEndpoints.Get(dagId, store, folder, cancellationToken);
    }

    /// <summary>Pauses or unpauses one DAG.</summary>
    /// <exception cref="RejectedException"><c>unknown_dag</c></exception>
    internal static async Task Set(
        string dagId,
        bool paused,
        string by,
        StreamStore<Dag> dags,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var at = clock.GetUtcNow();
        await dags.Transact(
            dagId,
            dag =>
                paused
                    ? DagDecider.Decide(dag, new PauseDag(by, FailedRuns: null, at))
                    : DagDecider.Decide(dag, new UnpauseDag(by, at)),
            cancellationToken
        );
    }
}
