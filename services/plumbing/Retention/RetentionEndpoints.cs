using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Nightshift.Plumbing.Auth;
using Npgsql;

namespace Nightshift.Plumbing.Retention;

/// <summary>How long one kind of data is kept.</summary>
/// <param name="Kind">What: <c>runs</c>.</param>
/// <param name="Setting">The setting: <c>Retention__Runs</c>; null when there is none.</param>
/// <param name="PeriodDays">Days after its end; null when no time removes it.</param>
/// <param name="KeptUntil">What removes it when no time does; null when nothing does.</param>
/// <param name="Unit">What is removed and counted as one: streams, weeks, messages, rows.</param>
/// <param name="Removed">How many were removed so far.</param>
/// <param name="LastRemovedAt">When the latest were removed (UTC); null when none was.</param>
public sealed record RetainedKindBody(
    string Kind,
    string? Setting,
    double? PeriodDays,
    string? KeptUntil,
    string Unit,
    long Removed,
    DateTimeOffset? LastRemovedAt
);

/// <summary>What a sweep would remove now.</summary>
/// <param name="Kind">What.</param>
/// <param name="EndedBefore">What ended before this instant may go (UTC); null when it is kept for ever.</param>
/// <param name="Expired">How many.</param>
/// <param name="Unit">Of what: streams, weeks or messages.</param>
public sealed record ExpiredBody(string Kind, DateTimeOffset? EndedBefore, long Expired, string Unit);

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

    static readonly RetainedKindBody[] WithoutPeriod =
    [
        new("timers", null, null, "they fire, or their stream is removed", "rows", Removed: 0, LastRemovedAt: null),
        new($"removals ({RetentionTable.Name})", null, null, null, "rows", Removed: 0, LastRemovedAt: null),
    ];

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
            kinds.Add(new(kind.Name, $"Retention__{kind.Setting}", days, null, kind.Unit, removed, lastAt));
        }
        return [.. kinds, .. WithoutPeriod];
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
                    ? new(kind.Name, before, await kind.CountExpired(before, cancellationToken), kind.Unit)
                    : new(kind.Name, EndedBefore: null, Expired: 0, kind.Unit)
            );
        if (dryRun)
            return TypedResults.Ok(expired);
        sweep.Ask();
        return TypedResults.Accepted((string?)null, expired);
    }
}
