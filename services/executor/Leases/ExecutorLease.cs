using Npgsql;

namespace Nightshift.Executor.Leases;

/// <summary>
/// This process's lease, and the database session that proves that the process lives: the session holds a lock that
/// ends with it, so that a successor on the same engine need not wait for the lease.
/// </summary>
public sealed class ExecutorLease(NpgsqlDataSource database) : IAsyncDisposable
{
    NpgsqlConnection? session;
    bool locked;

    /// <summary>Names this process, for people too.</summary>
    public string ExecutorId { get; } =
        $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}";

    /// <summary>Renews the lease. Any failure drops the session: the next renewal begins with a new one.</summary>
    /// <returns>As <see cref="LeaseTable.Renew"/>.</returns>
    public async Task<bool> Renew(string engine, CancellationToken cancellationToken)
    {
        try
        {
            session ??= await database.OpenConnectionAsync(cancellationToken);
            // not at the first try when the server has not yet noticed the end of the session before this one
            locked = locked || await LeaseTable.TryLock(session, ExecutorId, cancellationToken);
            return await LeaseTable.Renew(session, ExecutorId, engine, cancellationToken);
        }
        catch
        {
            await Drop();
            throw;
        }
    }

    /// <summary>The process stops: its successor need not wait.</summary>
    public async Task Stop()
    {
        try
        {
            if (session is not null)
                await LeaseTable.Stop(session, ExecutorId);
        }
        catch (NpgsqlException) { } // the database is away: the lease runs out by itself
        await Drop();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Drop();

    async Task Drop()
    {
        if (session is not { } old)
            return;
        (session, locked) = (null, false);
        // Not back to the pool, where it would keep the lock.
        NpgsqlConnection.ClearPool(old);
        await old.DisposeAsync();
    }
}
