using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Variables;

/// <summary><c>/api/v2/variables</c>, in Airflow's shapes.</summary>
static class VariableEndpoints
{
    internal static readonly string[] Fields = ["key", "value", "description"];

    public static void MapVariables(this IEndpointRouteBuilder app)
    {
        var variables = app.MapGroup("/api/v2/variables").RequireRole(Role.Viewer).AnswerInSnakeCase();
        variables.MapGet("/", List);
        variables.MapGet("/{key}", Get);
        variables.MapPost("/", Create).RequireRole(Role.Operator);
        variables.MapPatch("/{key}", Change).RequireRole(Role.Operator);
        variables.MapDelete("/{key}", Delete).RequireRole(Role.Operator);
    }

    /// <param name="page">Which part.</param>
    /// <param name="orderBy"><c>key</c>, <c>value</c>, <c>description</c> or Airflow's <c>id</c>, which is the key here;
    /// with a dash in reverse. Default key.</param>
    /// <param name="pattern">Only keys that are like this <see cref="SearchPattern"/>.</param>
    /// <param name="variables">Reads them.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<VariableCollection> List(
        [AsParameters] PageRequest page,
        [FromQuery(Name = "order_by")] string? orderBy,
        [FromQuery(Name = "variable_key_pattern")] string? pattern,
        VariableTable variables,
        CancellationToken cancellationToken
    )
    {
        var column = orderBy?.TrimStart('-') switch
        {
            null or "" or "id" or "key" => "key",
            "value" => "value",
            "description" => "description",
            _ => throw new RejectedException(
                "invalid_order_by",
                $"'order_by' is '{orderBy}'; give key, value or description, with a dash for the reverse"
            ),
        };
        var descending = orderBy?.StartsWith('-') is true;
        var (rows, total) = await variables.List(
            SearchPattern.Parse("variable_key_pattern", pattern),
            column,
            descending,
            page,
            cancellationToken
        );
        return new([.. rows.Select(VariableBody.Of)], total);
    }

    static async Task<VariableBody> Get(string key, VariableTable variables, CancellationToken cancellationToken) =>
        VariableBody.Of(await variables.Find(key, cancellationToken) ?? throw VariableDecider.Unknown(key));

    static async Task<JsonHttpResult<VariableBody>> Create(
        VariableRequest body,
        HttpContext http,
        StreamStore<Variable> variables,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var key = body.RequiredKey();
        var create = new CreateVariable(key, body.Content(), http.User.CallerName(), clock.GetUtcNow());
        VariableDecider.Check(key, create.Content); // before a stream is named after it
        var committed = await variables.Transact(key, x => VariableDecider.Decide(x, create), cancellationToken);
        return TypedResults.Json(
            BodyOf(key, committed.State),
            AirflowJson.Options,
            statusCode: StatusCodes.Status201Created
        );
    }

    /// <param name="key">The variable.</param>
    /// <param name="mask">Names of the fields to change; none for all that the body has.</param>
    /// <param name="body">The values.</param>
    /// <param name="http">The request.</param>
    /// <param name="variables">The variables' streams.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<VariableBody> Change(
        string key,
        [FromQuery(Name = "update_mask")] string[] mask,
        VariableRequest body,
        HttpContext http,
        StreamStore<Variable> variables,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if ((body.Key ?? key) != key)
            throw new RejectedException("invalid_key", $"The key of variable '{key}' cannot be changed; leave it out");
        var counts = new UpdateMask(mask, Fields);
        var change = new ChangeVariable(
            Existing(key),
            counts.Of("value", body.Text()),
            counts.Of("description", body.Description),
            http.User.CallerName(),
            clock.GetUtcNow()
        );
        var committed = await variables.Transact(key, x => VariableDecider.Decide(x, change), cancellationToken);
        return BodyOf(key, committed.State);
    }

    static async Task<NoContent> Delete(
        string key,
        HttpContext http,
        StreamStore<Variable> variables,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var delete = new DeleteVariable(Existing(key), http.User.CallerName(), clock.GetUtcNow());
        await variables.Transact(key, x => VariableDecider.Decide(x, delete), cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>The key, so that no stream is looked for under a name that none can have.</summary>
    /// <exception cref="RejectedException"><c>unknown_variable</c></exception>
    internal static string Existing(string key) => VariableKey.IsKey(key) ? key : throw VariableDecider.Unknown(key);

    static VariableBody BodyOf(string key, Variable variable) =>
        VariableBody.Of(new(key, variable.Content!.Value, variable.Content.Description));
}
