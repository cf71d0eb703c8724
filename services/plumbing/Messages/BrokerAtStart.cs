using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Relay;

namespace Nightshift.Plumbing.Messages;

/// <summary>
/// Waits for the broker before the bus starts. The bus would wait by itself, with a delay that grows up to a minute.
/// </summary>
sealed class BrokerAtStart(BrokerConnection broker, ILogger<BrokerAtStart> log, TimeProvider clock) : IHostedService
{
    static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var tries = 0; !await Answers(firstTry: tries == 0, cancellationToken); tries++)
            await Task.Delay(Period, clock, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    async Task<bool> Answers(bool firstTry, CancellationToken cancellationToken)
    {
        try
        {
            await using var channel = await broker.Open(confirms: false, cancellationToken);
            return true;
        }
        catch (Exception e) when (PublishFailure.MayPass(e) && !cancellationToken.IsCancellationRequested)
        {
            if (firstTry)
                PlumbingLog.WaitingForBroker(log, e);
            return false;
        }
    }
}
