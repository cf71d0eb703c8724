using System.Globalization;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Npgsql;

namespace Nightshift.Scheduler.EventLogs;

/// <summary>
/// Reads the event log from the streams of DAGs, runs, pools and backfills. Nothing is written for it.
/// </summary>
sealed class EventLog(NpgsqlDataSource database)
{
    /// <summary>One page.</summary>
    /// <exception cref="RejectedException"><c>invalid_page</c>, <c>invalid_cursor</c></exception>
    public async Task<EventLogCollection> Read(
        PageRequest page,
        bool descending,
        EventLogFilter filter,
        CancellationToken cancellationToken
    )
    {
        var (limit, offset) = page.Check();
        var (from, query) = (Position(page.Cursor), new EventLogQuery(filter));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var select = await query.Page(connection, from, descending, limit + 1, offset, cancellationToken);
        var events = await Read(select, cancellationToken);
        var more = events.Count > limit;
        var shown = more ? events[..limit] : events;
        await using var estimate = await query.Estimate(connection, cancellationToken);
        await using var count = await query.Count(connection, ListTotal.CountedUpTo + 1, cancellationToken);
        var (total, exact) = await ListTotal.Of(
            shown.Count == 0 ? 0 : offset + shown.Count,
            isWhole: !more && from is null && (shown.Count > 0 || offset == 0),
            more,
            estimate,
            count,
            cancellationToken
        );
        return new(shown, total, exact, more ? shown[^1].EventLogId.ToString(CultureInfo.InvariantCulture) : null);
    }

    /// <summary>One event.</summary>
    /// <exception cref="RejectedException"><c>unknown_event_log</c></exception>
    public async Task<EventLogBody> Find(long id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var select = EventLogQuery.One(connection, id);
        return (await Read(select, cancellationToken)).SingleOrDefault()
            ?? throw new RejectedException("unknown_event_log", $"The event log has no entry {id}");
    }

    static async Task<List<EventLogBody>> Read(NpgsqlCommand select, CancellationToken cancellationToken)
    {
        await using var rows = await select.ExecuteReaderAsync(cancellationToken);
        var events = new List<EventLogBody>();
        while (await rows.ReadAsync(cancellationToken))
            events.Add(EventLogBody.Of(rows));
        return events;
    }

    static long? Position(string? cursor) =>
        cursor is null ? null
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq
        : throw new RejectedException(
            "invalid_cursor",
            "'cursor' is none that a page of this list answered with; leave it out to begin anew"
        );
}
