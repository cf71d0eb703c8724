using System.Text.Json;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Variables;

namespace Nightshift.Scheduler.Bulk;

/// <summary><c>PATCH /api/v2/variables</c>, Airflow's bulk request: variables are created, changed and
/// deleted.</summary>
static class BulkVariables
{
    public static void MapBulkVariables(this IEndpointRouteBuilder app) =>
        app.MapPatch("/api/v2/variables", Patch).RequireRole(Role.Operator).AnswerInSnakeCase();

    static async Task<BulkAnswer> Patch(
        BulkRequest body,
        BulkEntities entities,
        HttpContext http,
        StreamStore<Variable> variables,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var (by, at) = (http.User.CallerName(), clock.GetUtcNow());
        return await BulkAnswer.Of([.. body.Check().Select(x => (x, Prepared(x)))]);

        IReadOnlyList<(string, Func<Task<bool>>)> Prepared(BulkAction action) =>
            action.Action switch
            {
                "create" => [.. action.Entities!.Select(x => Create(action, entities.Read<VariableRequest>(x)))],
                "update" => [.. action.Entities!.Select(x => Update(action, entities.Read<VariableRequest>(x)))],
                _ => [.. action.Entities!.Select(Delete)],
            };

        (string, Func<Task<bool>>) Create(BulkAction action, VariableRequest variable) =>
            (
                variable.RequiredKey(),
                async () =>
                {
                    var create = new CreateVariable(variable.RequiredKey(), variable.Content(), by, at)
                    {
                        Overwrites = action.Overwrites,
                    };
                    VariableDecider.Check(create.Key, create.Content); // before a stream is named after it
                    try
                    {
                        return await Transact(create.Key, x => VariableDecider.Decide(x, create));
                    }
                    catch (RejectedException e) when (e.Code == "variable_exists" && action.SkipsExisting)
                    {
                        return false;
                    }
                }
            );

        (string, Func<Task<bool>>) Update(BulkAction action, VariableRequest variable)
        {
            var mask = new UpdateMask(action.UpdateMask ?? [], VariableEndpoints.Fields);
            var change = new ChangeVariable(
                variable.RequiredKey(),
                mask.Of("value", variable.Text()),
                mask.Of("description", variable.Description),
                by,
                at
            );
            return (change.Key, () => Transact(change.Key, x => VariableDecider.Decide(x, change)));
        }

        (string, Func<Task<bool>>) Delete(JsonElement entity)
        {
            var key =
                entity.ValueKind is JsonValueKind.String
                    ? entities.Read<string>(entity)
                    : entities.Read<VariableRequest>(entity).RequiredKey();
            return (key, () => Transact(key, x => VariableDecider.Decide(x, new DeleteVariable(key, by, at))));
        }

        async Task<bool> Transact(string key, Func<Variable, IReadOnlyList<VariableEvent>> decide)
        {
            await variables.Transact(VariableEndpoints.Existing(key), decide, cancellationToken);
            return true;
        }
    }
}
