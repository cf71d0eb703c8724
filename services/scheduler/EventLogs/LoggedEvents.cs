using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Marten;
using Nightshift.Plumbing.Hosting;
using Nightshift.Scheduler.Backfills;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Pools;
using Nightshift.Scheduler.Runs;
using Nightshift.Scheduler.Variables;

namespace Nightshift.Scheduler.EventLogs;

/// <summary>
/// The events that the event log lists: what people did, and what the system did by itself. What every task does is
/// left to the streams of runs.
/// </summary>
static class LoggedEvents
{
    /// <summary>Their types. A type that is added makes the indexes anew at the next migration.</summary>
    public static readonly Type[] Types =
    [
        typeof(DagPublished),
        typeof(DagWithdrawn),
        typeof(TicksSkipped),
        typeof(TicksRefused),
        typeof(DagPaused),
        typeof(DagUnpaused),
        typeof(DagDeleted),
        typeof(RunDeletionRequested),
        typeof(PoolSet),
        typeof(PoolDeleted),
        typeof(VariableSet),
        typeof(VariableDeleted),
        typeof(RunQueued),
        typeof(RunStopped),
        typeof(RunMarkedSuccess),
        typeof(RunNoted),
        typeof(TaskCleared),
        typeof(TasksCleared),
        typeof(RunReplanned),
        typeof(TaskCancelled),
        typeof(TaskMarked),
        typeof(TaskNoted),
        typeof(TaskFailed),
        typeof(BackfillCreated),
        typeof(BackfillPaused),
        typeof(BackfillUnpaused),
        typeof(BackfillCancelled),
        typeof(BackfillCompleted),
    ];

    /// <summary>The DAG of an event, in SQL; null for one of a backfill, a pool or a variable.</summary>
    public const string DagId = """
        (case when starts_with(stream_id, 'run-') then split_part(stream_id, '__', 2)
          when starts_with(stream_id, 'dag-') then substr(stream_id, 5) end)
        """;

    /// <summary>Who did it, in SQL; null for the system itself.</summary>
    public const string Owner = """
        (coalesce(data ->> 'by',
          case when type = 'run_queued' and data ->> 'type' = 'Manual' then data ->> 'cause' end))
        """;

    /// <summary>Their names, which are those of <c>docs/events.md</c> in snake case.</summary>
    public static readonly string[] Names = [.. Types.Select(x => JsonNamingPolicy.SnakeCaseLower.ConvertName(x.Name))];

    /// <summary>True of every listed event, in SQL: in these very words the indexes are known to cover a query.</summary>
    /// <remarks>"is true" saves the planner from comparing each type of a query with each of the indexes, which takes
    /// milliseconds, for every statement that reads events.</remarks>
    public static readonly string Predicate = $"({OneOf(Names)}) is true";

    /// <summary>True of events of backfills, whose DAG their streams' first event has.</summary>
    public static readonly string OfBackfill = OneOf(
        Names.Where(x => x.StartsWith("backfill_", StringComparison.Ordinal))
    );

    static string OneOf(IEnumerable<string> names) => $"type in ({string.Join(", ", names.Select(x => $"'{x}'"))})";

    /// <summary>
    /// Adds the indexes of the filters. They cover the listed events alone: an event of a task pays nothing for them.
    /// </summary>
    public static DataMigration Migration { get; } =
        new(
            Before: "select",
            After: string.Join(
                ';',
                Indexes.Select(x =>
                    $"create index if not exists {x.Name} on scheduler.mt_events ({x.Columns}) where {Predicate}"
                )
            )
        );

    /// <summary>Keeps the schema tool from removing them. It removes those of an earlier version, whose names differ.
    /// </summary>
    public static void KeepIndexes(StoreOptions store)
    {
        foreach (var (name, _) in Indexes)
            store.Events.IgnoreIndex(name);
    }

    static IEnumerable<(string Name, string Columns)> Indexes =>
        new[]
        {
            ("event_log", "seq_id"),
            ("event_log_by_dag", $"{DagId}, seq_id"),
            ("event_log_by_owner", $"{Owner}, seq_id"),
        }.Select(x => ($"{x.Item1}_{Hash(x.Item2 + Predicate)}", x.Item2));

    static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
}
