using System.Text.Json;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Pools;

namespace Nightshift.Scheduler.Bulk;

/// <summary><c>PATCH /api/v2/pools</c>, Airflow's bulk request: pools are created, changed and deleted.</summary>
static class BulkPools
{
    static readonly string[] Fields = ["name", "pool", "slots", "description", "include_deferred"];

    public static void MapBulkPools(this IEndpointRouteBuilder app) =>
        app.MapPatch("/api/v2/pools", Patch).RequireRole(Role.Operator).AnswerInSnakeCase();

    static async Task<BulkAnswer> Patch(
        BulkRequest body,
        BulkEntities entities,
        HttpContext http,
        StreamStore<Pool> pools,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var (by, at) = (http.User.CallerName(), clock.GetUtcNow());
        return await BulkAnswer.Of([.. body.Check().Select(x => (x, Prepared(x)))]);

        IReadOnlyList<(string, Func<Task<bool>>)> Prepared(BulkAction action) =>
            action.Action switch
            {
                "create" => [.. action.Entities!.Select(x => Create(action, entities.Read<PoolRequest>(x)))],
                "update" => [.. action.Entities!.Select(x => Update(action, entities.Read<PoolPatch>(x)))],
                _ => [.. action.Entities!.Select(Delete)],
            };

        (string, Func<Task<bool>>) Create(BulkAction action, PoolRequest pool)
        {
            var name = Named(pool.Name);
            var slots =
                pool.Slots ?? throw new RejectedException("invalid_slots", $"'slots' of pool '{name}' is missing");
            var settings = new PoolSettings(slots, pool.Description ?? "", pool.IncludeDeferred ?? false);
            var create = new CreatePool(name, settings, by, at);
            var change = new ChangePool(name, slots, settings.Description, settings.IncludeDeferred, by, at);
            return (
                name,
                async () =>
                {
                    try
                    {
                        await pools.Transact(name, x => PoolDecider.Decide(x, create), cancellationToken);
                        return true;
                    }
                    catch (RejectedException e) when (e.Code == "pool_exists" && action.SkipsExisting)
                    {
                        return false;
                    }
                    catch (RejectedException e) when (e.Code == "pool_exists" && action.Overwrites)
                    {
                        return await Transact(name, x => PoolDecider.Decide(x, change));
                    }
                }
            );
        }

        (string, Func<Task<bool>>) Update(BulkAction action, PoolPatch pool)
        {
            var (name, mask) = (Named(pool.Name ?? pool.Pool), new UpdateMask(action.UpdateMask ?? [], Fields));
            var change = new ChangePool(
                name,
                mask.Of("slots", pool.Slots),
                mask.Of("description", pool.Description),
                mask.Of("include_deferred", pool.IncludeDeferred),
                by,
                at
            );
            return (name, () => Transact(name, x => PoolDecider.Decide(x, change)));
        }

        (string, Func<Task<bool>>) Delete(JsonElement entity)
        {
            var name = Named(
                entity.ValueKind is JsonValueKind.String ? entities.Read<string>(entity)
                : entities.Read<PoolPatch>(entity) is var pool ? pool.Name ?? pool.Pool
                : null
            );
            return (name, () => Transact(name, x => PoolDecider.Decide(x, new DeletePool(name, by, at))));
        }

        async Task<bool> Transact(string name, Func<Pool, IReadOnlyList<PoolEvent>> decide)
        {
            if (!PoolName.IsName(name))
                throw PoolDecider.Unknown(name);
            await pools.Transact(name, decide, cancellationToken);
            return true;
        }
    }

    static string Named(string? name) =>
        name is { Length: > 0 }
            ? name
            : throw new RejectedException("invalid_name", "'name' of an entity is missing; name the pool");
}
