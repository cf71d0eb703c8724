using MassTransit;
using Nightshift.Contracts;
using Nightshift.Plumbing.Installations;

namespace Nightshift.Webhooks.Matching;

/// <summary>
/// Asks the scheduler once per start for every DAG's triggers, which fills the view of a new installation and mends one
/// that missed something.
/// </summary>
public sealed class AskForTriggers(IBus bus, Installation installation, TimeProvider clock, ILogger<AskForTriggers> log)
    : BackgroundService
{
    static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Straight to the queue: a question, not a fact, so there is no event to relay.
                var scheduler = await bus.GetSendEndpoint(installation.Address("scheduler-announce-dags"));
                await scheduler.Send(new AnnounceDags(clock.GetUtcNow()), stoppingToken);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException) // the broker is away: ask when it is back
            {
                Log.NotAsked(log, e);
                await Task.Delay(PauseAfterFailure, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
