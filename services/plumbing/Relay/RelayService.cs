using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Nightshift.Plumbing.Relay;

/// <summary>
/// The safety net behind the fast path: publishes every committed event whose messages the broker has not confirmed.
/// One instance of a service does it; the others try each second to take over. That only saves work: two at once
/// publish some events twice, and none is lost.
/// </summary>
sealed class RelayService(
    RelayDatabase database,
    OutgoingMap map,
    Func<RelayConnection, ForeignConfirmations, RelayLoop> loop,
    RelayGap gap,
    ILogger<RelayService> log,
    TimeProvider clock
) : BackgroundService
{
    /// <summary>How often an instance tries to take over.</summary>
    static readonly TimeSpan TakeOverPeriod = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the leader may stand still before an instance that does not lead publishes as well: the leader's
    /// process may be stopped, and a stopped process keeps its lock.
    /// </summary>
    static readonly TimeSpan LeaderMayTake = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (map.EventTypes.Count > 0 && !stoppingToken.IsCancellationRequested)
            try
            {
                await Connected(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the database is away, or the connection broke
            {
                PlumbingLog.RelayUnavailable(log, e);
                await Task.Delay(TakeOverPeriod, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    async Task Connected(CancellationToken stoppingToken)
    {
        var foreign = new ForeignConfirmations();
        await using var connection = await RelayConnection.Open(database, foreign.Add, stoppingToken);
        while (!await connection.TryLead(stoppingToken))
        {
            await Task.Delay(TakeOverPeriod, clock, stoppingToken);
            if (await gap.StandsStill(LeaderMayTake, stoppingToken))
                await loop(connection, foreign).RunUntilSettled(stoppingToken);
        }
        await loop(connection, foreign).Run(stoppingToken);
    }
}
