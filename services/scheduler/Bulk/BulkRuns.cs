using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Interventions;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Bulk;

/// <summary>A run to be made: as the body of a single trigger.</summary>
/// <param name="DagId">Its DAG; may be absent where the address names one.</param>
sealed record BulkRunTrigger([property: JsonPropertyName("dag_id")] string? DagId);

/// <summary>A run to be changed or deleted.</summary>
/// <param name="DagRunId">The run; required.</param>
/// <param name="DagId">Its DAG; may be absent.</param>
/// <param name="State">success or failed; absent leaves it.</param>
/// <param name="Note">A note; absent leaves it.</param>
sealed record BulkRun(
    [property: JsonPropertyName("dag_run_id")] string? DagRunId,
    [property: JsonPropertyName("dag_id")] string? DagId,
    string? State,
    string? Note
);

/// <summary>
/// <c>PATCH /api/v2/dags/{dag}/dagRuns</c>, Airflow's bulk request: runs are triggered, marked, noted and deleted. The
/// DAG may be <c>~</c>. Deleting needs the role admin.
/// </summary>
static class BulkRuns
{
    public static void MapBulkRuns(this IEndpointRouteBuilder app) =>
        app.MapPatch("/api/v2/dags/{dagId}/dagRuns", Patch).RequireRole(Role.Operator).AnswerInSnakeCase();

    static async Task<BulkAnswer> Patch(
        string dagId,
        BulkRequest body,
        BulkEntities entities,
        RunDeletion deletion,
        RunStore runs,
        DagCatalog catalog,
        [AsParameters] InterventionEndpoints.Request request
    )
    {
        var trigger = new RunEndpoints.TriggerServices(catalog, runs, request.Disk, request.Clock);
        var actions = body.Check();
        if (actions.Any(x => x.Action == "delete") && request.Http.User.CallerRole() < Role.Admin)
            throw new RejectedException(
                Problems.RoleMissing,
                "The action 'delete' needs the role admin; leave it out, or use a token of that role"
            );
        return await BulkAnswer.Of([.. actions.Select(x => (x, Prepared(x)))]);

        IReadOnlyList<(string, Func<Task<bool>>)> Prepared(BulkAction action) =>
            action.Action switch
            {
                "create" => [.. action.Entities!.Select(x => Create(action, x))],
                "update" => [.. action.Entities!.Select(x => Update(action, entities.Read<BulkRun>(x)))],
                _ => [.. action.Entities!.Select(Delete)],
            };

        (string, Func<Task<bool>>) Create(BulkAction action, JsonElement entity)
        {
            if (action.Overwrites)
                throw new RejectedException(
                    "invalid_action_on_existence",
                    "'action_on_existence' is 'overwrite', and a run cannot be; give fail or skip"
                );
            var dag = DagOf(entities.Read<BulkRunTrigger>(entity).DagId);
            var asked = entities.Read<TriggerRequest>(entity);
            var key = TriggerRequest.RunIdOf(dag, asked.DagRunId, trigger.Clock.GetUtcNow()).Value;
            return (key, () => Trigger(dag, asked with { DagRunId = key }, action.SkipsExisting));
        }

        async Task<bool> Trigger(string dag, TriggerRequest asked, bool skipsExisting)
        {
            var by = request.Http.User.CallerName();
            var committed = await RunEndpoints.Start(dag, asked, by, trigger, request.CancellationToken);
            return committed.Events.Count > 0
                || (
                    skipsExisting
                        ? false
                        : throw new RejectedException("run_exists", $"There is a run '{asked.DagRunId}' already")
                );
        }

        (string, Func<Task<bool>>) Update(BulkAction action, BulkRun entity)
        {
            var patch = new RunPatch(entity.State, entity.Note);
            var change = InterventionEndpoints.Change(patch, action.UpdateMask ?? [], request);
            var run = RunOf(entity);
            return (run, () => Apply(entity.DagId, run, change));
        }

        async Task<bool> Apply(string? dag, string run, Func<Run, OutputValues, IReadOnlyList<RunEvent>> change)
        {
            await request.Find(DagOf(dag, any: true), run);
            await request.Apply(run, change, dryRun: false);
            return true;
        }

        (string, Func<Task<bool>>) Delete(JsonElement entity)
        {
            var named =
                entity.ValueKind is JsonValueKind.String
                    ? new BulkRun(entities.Read<string>(entity), null, null, null)
                    : entities.Read<BulkRun>(entity);
            var run = RunOf(named);
            return (run, () => Remove(named.DagId, run));
        }

        async Task<bool> Remove(string? dag, string run)
        {
            var by = request.Http.User.CallerName();
            await deletion.Delete(DagOf(dag, any: true), run, by, request.CancellationToken);
            return true;
        }

        string DagOf(string? named, bool any = false) =>
            (dagId, named) switch
            {
                ("~", null) when any => "~",
                ("~", null) => throw new RejectedException(
                    "invalid_dag_id",
                    "'dag_id' of an entity is missing; give it, or write the DAG in place of '~'"
                ),
                ("~", _) => named,
                (_, null) => dagId,
                _ when named == dagId => dagId,
                _ => throw new RejectedException(
                    "invalid_dag_id",
                    $"'dag_id' of an entity is '{named}', and the address names '{dagId}'; write '~' there for several"
                ),
            };
    }

    static string RunOf(BulkRun entity) =>
        entity.DagRunId is { Length: > 0 } run
            ? run
            : throw new RejectedException("invalid_dag_run_id", "'dag_run_id' of an entity is missing; name the run");
}
