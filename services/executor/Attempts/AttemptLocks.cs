using Npgsql;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// Keeps two executors of one engine from following the same attempt, and tells an engine that has an executor from one
/// that has none. The locks belong to this process's database session, so they end with the process, without a lease to
/// wait for. Losing them early is harmless: container names and streams keep an attempt single, the locks only save
/// work.
/// </summary>
public sealed class AttemptLocks(NpgsqlDataSource database) : IAsyncDisposable
{
    readonly SemaphoreSlim turn = new(1, 1);
    NpgsqlConnection? session;
    string? served;

    /// <summary>
    /// Shows the other executors that an engine has one, as long as this process and its session live.
    /// </summary>
    public async Task Serve(string engine, CancellationToken cancellationToken)
    {
        if (session is { State: System.Data.ConnectionState.Open } && served == engine)
            return;
        served = await Ask(
            "select pg_advisory_lock_shared(hashtextextended('executor-engine:' || $1, 0)) is not null",
            engine,
            cancellationToken
        )
            ? engine
            : null;
    }

    /// <summary>True when no executor serves the engine now. Takes nothing: the lock ends with the statement.</summary>
    public Task<bool> IsUnserved(string engine, CancellationToken cancellationToken) =>
        Ask(
            "select pg_try_advisory_xact_lock(hashtextextended('executor-engine:' || $1, 0))",
            engine,
            cancellationToken
        );

    /// <summary>Takes an attempt unless another process has it.</summary>
    public Task<bool> TryTake(string attemptId, CancellationToken cancellationToken) =>
        Ask(
            "select pg_try_advisory_lock(hashtextextended('executor-attempt:' || $1, 0))",
            attemptId,
            cancellationToken
        );

    /// <summary>Gives an attempt back.</summary>
    public Task Release(string attemptId) =>
        Ask(
            "select pg_advisory_unlock(hashtextextended('executor-attempt:' || $1, 0))",
            attemptId,
            CancellationToken.None
        );

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (session is not null)
            await session.DisposeAsync();
        turn.Dispose();
    }

    async Task<bool> Ask(string sql, string attemptId, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (session is not { State: System.Data.ConnectionState.Open })
            {
                if (session is not null)
                    await session.DisposeAsync();
                session = await database.OpenConnectionAsync(cancellationToken);
            }
            await using var command = new NpgsqlCommand(sql, session) { Parameters = { new() { Value = attemptId } } };
            return await command.ExecuteScalarAsync(cancellationToken) is true;
        }
        finally
        {
            turn.Release();
        }
    }
}
