using Nightshift.Scheduler.Runs;
using Npgsql;

namespace Nightshift.Scheduler.Backfills;

/// <summary>Which runs there are, from the rows that are kept in the transactions of their events.</summary>
public sealed class LatestRuns(NpgsqlDataSource database)
{
    const string ByDate = """
        select distinct on (logical_date) logical_date, id, data ->> 'outcome' from scheduler.mt_doc_runrow
        where dag_id = @dag and logical_date = any(@dates) order by logical_date, queued_at desc, id
        """;
    const string ById = "select id, data ->> 'outcome' from scheduler.mt_doc_runrow where id = any(@ids)";

    /// <summary>The latest run of each date that has any.</summary>
    public async Task<IReadOnlyDictionary<DateTimeOffset, LatestRun>> Of(
        string dagId,
        IReadOnlyCollection<DateTimeOffset> dates,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(ByDate);
        command.Parameters.AddWithValue("dag", dagId);
        command.Parameters.AddWithValue("dates", dates.Select(x => x.ToUniversalTime()).ToArray());
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var latest = new Dictionary<DateTimeOffset, LatestRun>();
        while (await rows.ReadAsync(cancellationToken))
            latest[rows.GetFieldValue<DateTimeOffset>(0)] = new(RunIdOf(rows.GetString(1)), OutcomeOf(rows, 2));
        return latest;
    }

    /// <summary>Those of some runs that exist, and how they ended; null for one that has not.</summary>
    public async Task<IReadOnlyDictionary<RunId, RunOutcome?>> Of(
        IEnumerable<RunId> runs,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(ById);
        command.Parameters.AddWithValue("ids", runs.Select(x => RunStream.Definition.Prefix + x.Value).ToArray());
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<RunId, RunOutcome?>();
        while (await rows.ReadAsync(cancellationToken))
            found[RunIdOf(rows.GetString(0))] = OutcomeOf(rows, 1);
        return found;
    }

    static RunId RunIdOf(string streamId) => new(RunStream.RunIdOf(streamId));

    static RunOutcome? OutcomeOf(NpgsqlDataReader rows, int column) =>
        rows.IsDBNull(column) ? null : Enum.Parse<RunOutcome>(rows.GetString(column));
}
