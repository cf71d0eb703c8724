using Marten;
using Nightshift.Plumbing.Replay;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary>One version of a DAG.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Version">The hash of its content.</param>
/// <param name="File">The file it first came from.</param>
/// <param name="Spec">Its content.</param>
/// <param name="At">When it became live (UTC).</param>
public sealed record DagVersion(int Number, string Version, string File, DagSpec Spec, DateTimeOffset At);

/// <summary>The versions a DAG has had.</summary>
public sealed class DagVersions(IDocumentStore store)
{
    /// <summary>All versions, oldest first.</summary>
    /// <exception cref="RejectedException"><c>unknown_dag</c></exception>
    public async Task<IReadOnlyList<DagVersion>> Of(string dagId, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var events = await session.Events.FetchStreamAsync(Dag.Stream.Prefix + dagId, token: cancellationToken);
        return Of(events.Select(x => x.Data)) is { Count: > 0 } versions ? versions : throw UnknownDag.Named(dagId);
    }

    /// <summary>
    /// The versions in a DAG's events. A file that was moved, or read again, is no new version; one that went back to
    /// what it said before is. A DAG that was deleted begins anew.
    /// </summary>
    public static IReadOnlyList<DagVersion> Of(IEnumerable<object> events)
    {
        var versions = new List<DagVersion>();
        foreach (var e in events)
            if (e is DagDeleted)
                versions.Clear();
            else if (e is DagPublished x && versions.LastOrDefault()?.Version != x.Version)
                versions.Add(new(versions.Count + 1, x.Version, x.File, x.Spec, x.At));
        return versions;
    }

    /// <summary>What differs between two versions. Tasks are compared by name, wherever in the file they stand.</summary>
    public static IReadOnlyList<StateChange> Changes(DagSpec from, DagSpec to) =>
        [.. StateDifference.Between(Comparable.Of(from), Comparable.Of(to), typeof(Comparable))];

    sealed record Comparable(DagSpec Dag, IReadOnlyDictionary<string, TaskSpec> Tasks)
    {
        public static Comparable Of(DagSpec spec) =>
            new(spec with { Tasks = [] }, spec.Tasks.ToDictionary(x => x.TaskId));
    }
}
