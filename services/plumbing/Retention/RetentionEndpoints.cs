using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Nightshift.Plumbing.Auth;
using Npgsql;

namespace Nightshift.Plumbing.Retention;

/// <summary>How long one kind of data is kept.</summary>
/// <param name="Kind">What: <c>runs</c>.</param>
/// <param name="Setting">The setting: <c>Retention__Runs</c>.</param>
/// <param name="PeriodDays">Days after its end; null keeps for ever.</param>
/// <param name="Removed">How many were removed so far.</param>
/// <param name="LastRemovedAt">When the latest were removed (UTC); null when none was.</param>
public sealed record RetainedKindBody(
    string Kind,
    string Setting,
    double? PeriodDays,
    long Removed,
    DateTimeOffset? LastRemovedAt
);

/// <summary>What a sweep would remove now.</summary>
/// <param name="Kind">What.</param>
/// <param name="EndedBefore">What ended before this instant may go (UTC); null when it is kept for ever.</param>
/// <param name="Expired">How many.</param>
public sealed record ExpiredBody(string Kind, DateTimeOffset? EndedBefore, long Expired);

/// <summary><c>/api/v2/retention/{service}</c>: what is kept for how long, and removing what is older.</summary>
static class RetentionEndpoints
{
    public static void MapRetention(this IEndpointRouteBuilder app, string service)
    {
        var retention = app.MapGroup($"/api/v2/retention/{service}");
        retention
            .MapGet(
                "",
                (RetentionSweep sweep, NpgsqlDataSource database, CancellationToken cancellationToken) =>
                    Show(service, sweep, database, cancellationToken)
            )
            .RequireRole(Role.Viewer);
        retention.MapPost("/run", Run).RequireRole(Role.Admin);
    }

    static async Task<IReadOnlyList<RetainedKindBody>> Show(
        string schema,
        RetentionSweep sweep,
        NpgsqlDataSource database,
        CancellationToken cancellationToken
    )
    {
        var kinds = new List<RetainedKindBody>();
        foreach (var kind in sweep.Kinds)
        {
            var (removed, lastAt) = await new RetentionTable(schema).Of(database, kind.Name, cancellationToken);
            double? days = kind.Period == TimeSpan.Zero ? null : kind.Period.TotalDays;
            kinds.Add(new(kind.Name, $"Retention__{kind.Setting}", days, removed, lastAt));
        }
        return kinds;
    }

    /// <param name="sweep">Removes.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <param name="dryRun">Only counts.</param>
    static async Task<Results<Ok<List<ExpiredBody>>, Accepted<List<ExpiredBody>>>> Run(
        RetentionSweep sweep,
        CancellationToken cancellationToken,
        bool dryRun = false
    )
    {
        var expired = new List<ExpiredBody>();
        foreach (var kind in sweep.Kinds)
            expired.Add(
                sweep.Before(kind) is { } before
                    ? new(kind.Name, before, await kind.CountExpired(before, cancellationToken))
                    : new(kind.Name, EndedBefore: null, Expired: 0)
            );
        if (dryRun)
            return TypedResults.Ok(expired);
        sweep.Ask();
        return TypedResults.Accepted((string?)null, expired);
    }
}
