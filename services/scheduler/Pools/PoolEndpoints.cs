using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Pools;

/// <summary><c>/api/v2/pools</c>, in Airflow's shapes.</summary>
static class PoolEndpoints
{
    static readonly string[] Fields = ["name", "pool", "slots", "description", "include_deferred"];

    public static void MapPools(this IEndpointRouteBuilder app)
    {
        var pools = app.MapGroup("/api/v2/pools").RequireRole(Role.Viewer).AnswerInSnakeCase();
        pools.MapGet("/", List);
        pools.MapGet("/{poolName}", Get);
        pools.MapPost("/", Create).RequireRole(Role.Operator);
        pools.MapPatch("/{poolName}", Change).RequireRole(Role.Operator);
        pools.MapDelete("/{poolName}", Delete).RequireRole(Role.Operator);
    }

    /// <param name="page">Which part.</param>
    /// <param name="orderBy"><c>name</c>, <c>slots</c> or Airflow's <c>id</c>, which is the name here; with a dash in
    /// reverse. Default name.</param>
    /// <param name="request">May have <c>pool_name_pattern</c>, see <see cref="SearchPattern"/>.</param>
    /// <param name="pools">Reads the pools.</param>
    /// <param name="requests">Reads what is taken.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<PoolCollection> List(
        [AsParameters] PageRequest page,
        [FromQuery(Name = "order_by")] string? orderBy,
        HttpRequest request,
        PoolTable pools,
        SlotRequestTable requests,
        CancellationToken cancellationToken
    )
    {
        var (limit, offset) = page.Check();
        var pattern = request.Query.Pattern("pool_name_pattern");
        var usage = await requests.Usage(cancellationToken);
        var found = Ordered(await pools.All(cancellationToken), orderBy)
            .Where(x => pattern?.IsMatch(x.Name) is not false)
            .Select(x => PoolBody.Of(x.Name, x.Settings, PoolUsage.Of(usage[x.Name])))
            .ToList();
        return new([.. found.Skip(offset).Take(limit)], found.Count);
    }

    static async Task<PoolBody> Get(
        string poolName,
        PoolTable pools,
        SlotRequestTable requests,
        CancellationToken cancellationToken
    )
    {
        var row =
            (await pools.All(cancellationToken)).FirstOrDefault(x => x.Name == poolName)
            ?? throw PoolDecider.Unknown(poolName);
        var usage = await requests.Usage(cancellationToken);
        return PoolBody.Of(row.Name, row.Settings, PoolUsage.Of(usage[row.Name]));
    }

    static async Task<JsonHttpResult<PoolBody>> Create(
        PoolRequest body,
        HttpContext http,
        StreamStore<Pool> pools,
        PoolTable rows,
        SlotRequestTable requests,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var name = body.Name ?? throw Missing("invalid_name", "name", PoolName.Rule);
        var slots = body.Slots ?? throw Missing("invalid_slots", "slots", "a number from 0, or -1 for any number");
        var settings = new PoolSettings(slots, body.Description ?? "", body.IncludeDeferred ?? false);
        var create = new CreatePool(name, settings, http.User.CallerName(), clock.GetUtcNow());
        await pools.Transact(name, pool => PoolDecider.Decide(pool, create), cancellationToken);
        var answer = await Get(name, rows, requests, cancellationToken);
        return TypedResults.Json(answer, AirflowJson.Options, statusCode: StatusCodes.Status201Created);
    }

    /// <param name="poolName">The pool.</param>
    /// <param name="mask">Names of the fields to change; none for all that the body has.</param>
    /// <param name="body">The values.</param>
    /// <param name="http">The request.</param>
    /// <param name="pools">The pools' streams.</param>
    /// <param name="rows">Reads the pools.</param>
    /// <param name="requests">Reads what is taken.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<PoolBody> Change(
        string poolName,
        [FromQuery(Name = "update_mask")] string[] mask,
        PoolPatch body,
        HttpContext http,
        StreamStore<Pool> pools,
        PoolTable rows,
        SlotRequestTable requests,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if ((body.Name ?? body.Pool ?? poolName) != poolName)
            throw new RejectedException(
                "invalid_name",
                $"The name of pool '{poolName}' cannot be changed; leave it out"
            );
        var counts = new UpdateMask(mask, Fields);
        var change = new ChangePool(
            poolName,
            counts.Of("slots", body.Slots),
            counts.Of("description", body.Description),
            counts.Of("include_deferred", body.IncludeDeferred),
            http.User.CallerName(),
            clock.GetUtcNow()
        );
        if (!PoolName.IsName(poolName))
            throw PoolDecider.Unknown(poolName);
        await pools.Transact(poolName, pool => PoolDecider.Decide(pool, change), cancellationToken);
        return await Get(poolName, rows, requests, cancellationToken);
    }

    static async Task<NoContent> Delete(
        string poolName,
        HttpContext http,
        StreamStore<Pool> pools,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (!PoolName.IsName(poolName))
            throw PoolDecider.Unknown(poolName);
        var delete = new DeletePool(poolName, http.User.CallerName(), clock.GetUtcNow());
        await pools.Transact(poolName, pool => PoolDecider.Decide(pool, delete), cancellationToken);
        return TypedResults.NoContent();
    }

    static IEnumerable<PoolRow> Ordered(IReadOnlyList<PoolRow> pools, string? orderBy) =>
        orderBy switch
        {
            null or "" or "name" or "id" => pools,
            "-name" or "-id" => pools.Reverse(),
            "slots" => pools.OrderBy(x => x.Settings.Slots),
            "-slots" => pools.OrderByDescending(x => x.Settings.Slots),
            _ => throw new RejectedException(
                "invalid_order_by",
                $"'order_by' is '{orderBy}'; give name or slots, with a dash for the reverse"
            ),
        };

    static RejectedException Missing(string code, string field, string what) =>
        new(code, $"'{field}' is missing; give {what}");
}
