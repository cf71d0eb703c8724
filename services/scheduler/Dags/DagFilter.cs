using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Dags;

/// <summary>Which DAGs of a list are asked for, by Airflow's parameters.</summary>
sealed record DagFilter
{
    /// <summary>A part of the name; null for any. The display name is the same.</summary>
    public IReadOnlyList<SearchPattern> Names { get; init; } = [];

    /// <summary>True for those that are paused, false for the others; null for both.</summary>
    public bool? Paused { get; init; }

    /// <summary>False: also those whose file is gone. True by default.</summary>
    public bool ExcludesStale { get; init; } = true;

    /// <summary>The state of the latest run; none for any.</summary>
    public IReadOnlyList<string> LastRunStates { get; init; } = [];

    /// <summary>The state of some run; none for any.</summary>
    public IReadOnlyList<string> RunStates { get; init; } = [];

    /// <summary>When some run started.</summary>
    public required RowRange<DateTimeOffset> RunStarted { get; init; }

    /// <summary>When some run ended.</summary>
    public required RowRange<DateTimeOffset> RunEnded { get; init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static DagFilter Of(IQueryCollection query) =>
        new()
        {
            Names =
            [
                .. new[]
                {
                    query.Pattern("dag_id_pattern"),
                    query.Pattern("dag_display_name_pattern"),
                }.OfType<SearchPattern>(),
            ],
            Paused = query.Truth("paused"),
            ExcludesStale = query.Truth("exclude_stale") ?? true,
            LastRunStates = query.Words("last_dag_run_state", RunList.States),
            RunStates = query.Words("dag_run_state", RunList.States),
            RunStarted = query.Instants("dag_run_start_date", "started_at"),
            RunEnded = query.Instants("dag_run_end_date", "finished_at"),
        };

    /// <summary>True for a DAG that fits by itself, whatever its runs.</summary>
    public bool Fits(DagRow dag) =>
        (dag.Live || !ExcludesStale)
        && !dag.Deleted
        && (Paused ?? dag.IsPaused) == dag.IsPaused
        && Names.All(x => x.IsMatch(dag.Spec.DagId));

    /// <summary>What one and the same run must fulfil; empty conditions for any.</summary>
    public IReadOnlyList<RowCondition> OfSomeRun => [new RowFilter("state", RunStates), RunStarted, RunEnded];
}
