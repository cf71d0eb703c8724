using System.Text.Json.Nodes;
using Nightshift.Scheduler.Runs;
using Npgsql;

namespace Nightshift.Scheduler.EventLogs;

/// <summary>
/// One event of the log, in Airflow's shape. Times are UTC. What does not belong to an event is null.
/// </summary>
/// <param name="EventLogId">Its number; later events have greater ones, with gaps.</param>
/// <param name="When">When it was recorded.</param>
/// <param name="Event">What happened: a name of <c>docs/events.md</c> in snake case.</param>
/// <param name="DagId">The DAG.</param>
/// <param name="TaskId">The task; null for an event of several, which <paramref name="Extra"/> names.</param>
/// <param name="RunId">The run.</param>
/// <param name="MapIndex">The index of a mapped task; -1 for one that is not mapped.</param>
/// <param name="TryNumber">The attempt.</param>
/// <param name="LogicalDate">The run's logical date.</param>
/// <param name="Owner">Who did it: the name of a token; null for the system itself.</param>
/// <param name="Extra">The rest of the event as JSON, of at most <see cref="LongestExtra"/> characters; null for
/// nothing, and for more.</param>
sealed record EventLogBody(
    long EventLogId,
    DateTimeOffset When,
    string Event,
    string? DagId,
    string? TaskId,
    string? RunId,
    int? MapIndex,
    int? TryNumber,
    DateTimeOffset? LogicalDate,
    string? Owner,
    string? Extra
)
{
    /// <summary>Characters of <see cref="Extra"/> at most.</summary>
    public const int LongestExtra = 4096;

    /// <summary>The same as <see cref="Owner"/>.</summary>
    public string? OwnerDisplayName => Owner;

    /// <summary>The same as <see cref="DagId"/>.</summary>
    public string? DagDisplayName => DagId;

    /// <summary>The same as <see cref="TaskId"/>.</summary>
    public string? TaskDisplayName => TaskId;

    /// <summary>The event of a result's row; see <see cref="EventLogQuery"/>.</summary>
    public static EventLogBody Of(NpgsqlDataReader row)
    {
        var stream = row.GetString(7);
        var task = Text(row, 5) is { } name ? TaskInstanceId.Parse(name) : (TaskInstanceId?)null;
        return new(
            row.GetInt64(0),
            row.GetFieldValue<DateTimeOffset>(1),
            row.GetString(2),
            Text(row, 3),
            task?.TaskId,
            stream.StartsWith(RunStream.Definition.Prefix, StringComparison.Ordinal) ? RunStream.RunIdOf(stream) : null,
            task?.MapIndex,
            row.IsDBNull(6) ? null : row.GetInt32(6),
            row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9),
            Text(row, 4),
            ExtraOf(stream, row.GetString(8))
        );
    }

    // A backfill and a pool are named by their streams alone.
    static string? ExtraOf(string stream, string rest)
    {
        if (rest.Length > LongestExtra)
            return null;
        var extra = JsonNode.Parse(rest)!.AsObject();
        foreach (var empty in extra.Where(x => x.Value is null).Select(x => x.Key).ToList())
            extra.Remove(empty);
        if (stream.StartsWith("backfill-", StringComparison.Ordinal))
            extra["backfillId"] = stream["backfill-".Length..];
        return extra.Count == 0 ? null : extra.ToJsonString();
    }

    static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>A page of the event log.</summary>
/// <param name="EventLogs">The events.</param>
/// <param name="TotalEntries">How many match; an estimate above 1,000.</param>
/// <param name="TotalEntriesExact">False when it is an estimate.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; null when this is the last.</param>
sealed record EventLogCollection(
    IReadOnlyList<EventLogBody> EventLogs,
    long TotalEntries,
    bool TotalEntriesExact,
    string? NextCursor
);
