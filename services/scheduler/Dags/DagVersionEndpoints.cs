using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Replay;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary><c>/api/v2/dags/{dag}/dagVersions</c>, in Airflow's shapes, and what differs between two of them.</summary>
static class DagVersionEndpoints
{
    const string Newest = "-version_number",
        Oldest = "version_number";

    public static void MapDagVersions(this IEndpointRouteBuilder app)
    {
        var versions = app.MapGroup("/api/v2/dags/{dagId}/dagVersions").RequireRole(Role.Viewer).AnswerInSnakeCase();
        versions.MapGet("", List);
        versions.MapGet("/{number}", Get);
        versions.MapGet("/{number}/changes", Changes);
    }

    /// <param name="dagId">The DAG.</param>
    /// <param name="page">Which part; there is no cursor.</param>
    /// <param name="orderBy">version_number, or with a dash the newest first, which is the default.</param>
    /// <param name="versions">Reads them.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<DagVersionCollection> List(
        string dagId,
        [AsParameters] PageRequest page,
        [FromQuery(Name = "order_by")] string? orderBy,
        DagVersions versions,
        CancellationToken cancellationToken
    )
    {
        if (orderBy is not (null or Newest or Oldest))
            throw new RejectedException(
                "invalid_order_by",
                $"'order_by' is '{orderBy}'; give {Oldest}, or {Newest} for the newest first"
            );
        var all = await versions.Of(dagId, cancellationToken);
        var (limit, offset) = page.Check();
        var ordered = orderBy == Oldest ? all : all.Reverse();
        return new([.. ordered.Skip(offset).Take(limit).Select(x => DagVersionBody.Of(dagId, x))], all.Count);
    }

    static async Task<DagVersionDetails> Get(
        string dagId,
        string number,
        DagVersions versions,
        CancellationToken cancellationToken
    ) => DagVersionDetails.Of(dagId, Find(await versions.Of(dagId, cancellationToken), dagId, "number", number));

    /// <param name="dagId">The DAG.</param>
    /// <param name="number">The version after.</param>
    /// <param name="since">The version before; the one in front of <paramref name="number"/> by default.</param>
    /// <param name="versions">Reads them.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<DagVersionChanges> Changes(
        string dagId,
        string number,
        string? since,
        DagVersions versions,
        CancellationToken cancellationToken
    )
    {
        var all = await versions.Of(dagId, cancellationToken);
        var after = Find(all, dagId, "number", number);
        var before = since is null ? all[Math.Max(0, after.Number - 2)] : Find(all, dagId, "since", since);
        return new(dagId, before.Number, after.Number, DagVersions.Changes(before.Spec, after.Spec));
    }

    static DagVersion Find(IReadOnlyList<DagVersion> versions, string dagId, string field, string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= 1
            ? versions.ElementAtOrDefault(n - 1)
                ?? throw new RejectedException(
                    "unknown_dag_version",
                    $"DAG '{dagId}' has no version {n}; it has {versions.Count}"
                )
            : throw new RejectedException(
                "invalid_version_number",
                $"'{field}' is '{number}'; give a version number such as {versions.Count}"
            );
}

/// <summary>A version of a DAG. <paramref name="Id"/> is the hash of its content.</summary>
record DagVersionBody(string Id, int VersionNumber, string DagId, string FileLoc, DateTimeOffset CreatedAt)
{
    public static DagVersionBody Of(string dagId, DagVersion x) => new(x.Version, x.Number, dagId, x.File, x.At);
}

/// <summary>A version with its content, as events keep it.</summary>
sealed record DagVersionDetails : DagVersionBody
{
    DagVersionDetails(DagVersionBody version)
        : base(version) { }

    public required DagSpec Spec { get; init; }

    public static new DagVersionDetails Of(string dagId, DagVersion x) =>
        new(DagVersionBody.Of(dagId, x)) { Spec = x.Spec };
}

sealed record DagVersionCollection(IReadOnlyList<DagVersionBody> DagVersions, int TotalEntries);

/// <summary>What differs between two versions, each as a JSON pointer with its value before and after.</summary>
sealed record DagVersionChanges(string DagId, int From, int To, IReadOnlyList<StateChange> Changes);
