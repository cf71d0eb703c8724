using MassTransit;
using Microsoft.Extensions.Options;
using Nightshift.Contracts;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Watch;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Installations;

namespace Nightshift.Executor;

/// <summary>
/// Takes attempts on at once, for whichever executor will have a slot for them, and restarts of watched containers once
/// the engine is known and claimed for this installation.
/// </summary>
public sealed class EngineSession(
    EngineGate gate,
    EngineClaim claim,
    Installation installation,
    FatalMistake mistake,
    IReceiveEndpointConnector bus,
    IOptions<ExecutorOptions> options,
    TimeProvider clock
) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var queue in options.Value.QueueNames)
                await bus.ConnectReceiveEndpoint(
                    installation.Queue(ExecutorQueue.OfTasks(queue)),
                    (context, endpoint) =>
                    {
                        endpoint.ConfigureConsumer<StartAttemptConsumer>(context);
                        endpoint.ConfigureConsumer<StopAttemptConsumer>(context);
                    }
                ).Ready;
            var engine = await gate.Open(stoppingToken);
            if (await Claim(stoppingToken) is { } refusal)
            {
                mistake.End(refusal);
                return;
            }
            gate.ClaimedForUs(engine);
            await bus.ConnectReceiveEndpoint(
                installation.Queue(ExecutorQueue.OfEngine(engine.EngineId)),
                (context, endpoint) => endpoint.ConfigureConsumer<RestartContainerConsumer>(context)
            ).Ready;
        }
        // stopped before an engine came
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    async Task<string?> Claim(CancellationToken cancellationToken)
    {
        while (true)
            try
            {
                return await claim.Take(cancellationToken);
            }
            catch (EngineException) // gone again: the gate says so
            {
                await Task.Delay(EngineGate.ProbePeriod, clock, cancellationToken);
            }
    }
}
