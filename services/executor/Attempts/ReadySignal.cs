using Nightshift.Plumbing.Streams;
using Npgsql;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// Wakes this executor when an attempt may have become ready, or a slot free. However many come, one wake-up waits.
/// </summary>
public sealed class ReadySignal(NpgsqlDataSource database, ILogger<ReadySignal> log, TimeProvider clock)
    : BackgroundService
{
    static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    readonly WakeUp wakeUp = new();

    /// <summary>Wakes whoever waits, or the next one who does.</summary>
    public void Set() => wakeUp.Set();

    /// <summary>Waits for a wake-up, at most <paramref name="limit"/>: notifications may be missed.</summary>
    public Task Wait(TimeSpan limit, CancellationToken cancellationToken) => wakeUp.Wait(limit, cancellationToken);

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
        wakeUp.Dispose();
    }
}
