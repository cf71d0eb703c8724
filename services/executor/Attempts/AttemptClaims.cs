using Marten;
using Microsoft.Extensions.Options;
using Nightshift.Executor.Leases;
using Npgsql;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// Grants ready attempts of this executor's queues to it, as many as its engine has free slots, in the order of
/// <see cref="OpenAttempts.TurnOf"/>. The rows are claimed and the grants recorded in one transaction. It appends beside
/// <see cref="Plumbing.Streams.StreamStore{TState}"/>, which decides on one stream from its folded state: a claim
/// decides on locked rows, whose attempts are known only after the lock. A row without executor is one that can be
/// granted, since both change in one transaction; a store that remembers an older state sees the lost race at its next
/// append and decides again.
/// </summary>
public sealed class AttemptClaims(
    IDocumentStore store,
    ExecutorLease lease,
    IOptions<ExecutorOptions> options,
    TimeProvider clock
)
{
    // Two executors of one engine must not count its free slots at the same time. Who comes second leaves the claim to
    // the first: they are the same slots.
    const string LockSlots =
        "select pg_try_advisory_xact_lock(hashtextextended('executor-slots:' || @engine, 0)) as locked";

    // Rows that another executor is claiming are passed over, not waited for.
    const string Ready = """
        select attempt_id, grant_number from executor.open_attempt
        where executor_id is null and queue = any(@queues)
        order by turn_at, rank, attempt_id
        limit greatest(0, @slots - (select count(*) from executor.open_attempt where engine = @engine))
        for update skip locked
        """;

    /// <summary>Claims what there is.</summary>
    /// <returns>How many attempts were granted.</returns>
    public async Task<int> Claim(string engine, CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellationToken);
        if (!await TryLockSlots(session, engine, cancellationToken))
            return 0;
        var ready = await FindReady(session, engine, cancellationToken);
        foreach (var (attemptId, last) in ready)
        {
            var granted = new AttemptGranted(new(last + 1, lease.ExecutorId, engine), clock.GetUtcNow());
            session.Events.Append(AttemptMessages.Stream.Prefix + attemptId, granted);
            foreach (var row in OpenAttempts.Rows(attemptId, [granted]))
                session.QueueSqlCommand(row.Sql, [.. row.Values]);
        }
        if (ready.Count > 0)
            await session.SaveChangesAsync(cancellationToken);
        return ready.Count;
    }

    static async Task<bool> TryLockSlots(IDocumentSession session, string engine, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockSlots);
        command.Parameters.AddWithValue("engine", engine);
        await using var rows = await session.ExecuteReaderAsync(command, cancellationToken);
        return await rows.ReadAsync(cancellationToken) && rows.GetBoolean(0);
    }

    async Task<IReadOnlyList<(string AttemptId, int Grant)>> FindReady(
        IDocumentSession session,
        string engine,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Ready);
        command.Parameters.AddWithValue("queues", options.Value.QueueNames.ToArray());
        command.Parameters.AddWithValue("slots", options.Value.Slots);
        command.Parameters.AddWithValue("engine", engine);
        await using var rows = await session.ExecuteReaderAsync(command, cancellationToken);
        var ready = new List<(string, int)>();
        while (await rows.ReadAsync(cancellationToken))
            ready.Add((rows.GetString(0), rows.GetInt32(1)));
        return ready;
    }
}
