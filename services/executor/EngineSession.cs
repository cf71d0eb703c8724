using MassTransit;
using Microsoft.Extensions.Options;
using Nightshift.Contracts;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Watch;

namespace Nightshift.Executor;

/// <summary>Asks for work once there is an engine to do it with.</summary>
public sealed class EngineSession(EngineGate gate, IReceiveEndpointConnector bus, IOptions<ExecutorOptions> options)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var engine = await gate.Probe(stoppingToken);
            await bus.ConnectReceiveEndpoint(
                ExecutorQueue.OfEngine(engine.EngineId),
                (context, endpoint) => endpoint.ConfigureConsumer<RestartContainerConsumer>(context)
            ).Ready;
            foreach (var queue in options.Value.QueueNames)
                await bus.ConnectReceiveEndpoint(
                    ExecutorQueue.OfTasks(queue),
                    (context, endpoint) => endpoint.ConfigureConsumer<StartAttemptConsumer>(context)
                ).Ready;
        }
        // stopped before an engine came
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }
}
