using Npgsql;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// Wakes this executor when an attempt may have become ready, or a slot free. However many come, one wake-up waits.
/// </summary>
public sealed class ReadySignal(NpgsqlDataSource database, ILogger<ReadySignal> log, TimeProvider clock)
    : BackgroundService
{
    static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    readonly SemaphoreSlim signal = new(0, 1);

    /// <summary>Wakes whoever waits, or the next one who does.</summary>
    public void Set()
    {
        try
        {
            if (signal.CurrentCount == 0)
                signal.Release();
        }
        catch (SemaphoreFullException) { } // somebody else's wake-up serves both
    }

    /// <summary>Waits for a wake-up, at most <paramref name="limit"/>: notifications may be missed.</summary>
    public Task Wait(TimeSpan limit, CancellationToken cancellationToken) => signal.WaitAsync(limit, cancellationToken);

    /// <summary>Listens to PostgreSQL for what other executors, and this one, have accepted.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, _) => Set();
                await using (var listen = new NpgsqlCommand($"listen {OpenAttempts.ReadyChannel}", connection))
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                Set(); // what came while nobody listened
                while (true)
                    await connection.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
            catch (Exception e) // the database is away; the claims themselves are tried each renewal period
            {
                Log.ListeningInterrupted(log, e);
                await Task.Delay(ReconnectPause, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        signal.Dispose();
    }
}
