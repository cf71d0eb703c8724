using Marten;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Interventions;

/// <summary>Which runs of a DAG are meant.</summary>
/// <param name="RunId">The run; null for those of a span.</param>
sealed record RunSelection(string? RunId)
{
    /// <summary>And those of earlier logical dates.</summary>
    public bool Past { get; init; }

    /// <summary>And those of later logical dates.</summary>
    public bool Future { get; init; }

    /// <summary>The first logical date of a span (UTC); null for any.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The last logical date of a span (UTC); null for any.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>Finds the runs of a selection.</summary>
sealed class SelectedRuns(IDocumentStore store, StreamStore<Run> runs, DagCatalog catalog)
{
    /// <summary>Runs that one request may change: each is a transaction, and the caller waits for all.</summary>
    public const int Most = 1000;

    /// <summary>Their ids, the oldest logical date first.</summary>
    /// <exception cref="RejectedException"><c>unknown_run</c>, <c>unknown_dag</c>, <c>too_many_runs</c></exception>
    public async Task<IReadOnlyList<string>> Find(
        string dagId,
        RunSelection selection,
        CancellationToken cancellationToken
    )
    {
        var (from, until) = (selection.From, selection.Until);
        if (selection.RunId is { } runId)
        {
            var queued = (await RunEndpoints.Find(dagId, runId, runs, cancellationToken)).Queued!;
            if (!selection.Past && !selection.Future)
                return [runId];
            dagId = queued.DagId;
            (from, until) = (selection.Past ? null : queued.LogicalDate, selection.Future ? null : queued.LogicalDate);
        }
        await using var session = store.QuerySession();
        var rows = session.Query<RunRow>().Where(x => x.DagId == dagId);
        if (from is { } first)
            rows = rows.Where(x => x.LogicalDate >= first.ToUniversalTime());
        if (until is { } last)
            rows = rows.Where(x => x.LogicalDate <= last.ToUniversalTime());
        var found = await rows.OrderBy(x => x.LogicalDate)
            .ThenBy(x => x.Id)
            .Take(Most + 1)
            .Select(x => x.Id)
            .ToListAsync(cancellationToken);
        if (found.Count == 0 && (await catalog.Find(dagId, cancellationToken)).Spec is null)
            throw UnknownDag.Named(dagId);
        return found.Count <= Most
            ? [.. found.Select(RunStream.RunIdOf)]
            : throw new RejectedException(
                "too_many_runs",
                $"More than {Most} runs are meant; narrow it with 'start_date' and 'end_date'"
            );
    }
}
