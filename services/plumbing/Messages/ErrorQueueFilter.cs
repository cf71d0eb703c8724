using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Messages;

/// <summary>
/// Decides what becomes of a message that could not be handled. While a dependency is away it is held and goes back to
/// its queue; otherwise it is given up: it moves to the error queue, counted and logged, until a person retries or
/// discards it.
/// </summary>
public sealed class ErrorQueueFilter(
    IMeterFactory meters,
    ReceiveQueues queues,
    DependencyWait dependencies,
    ILogger<ErrorQueueFilter> log
) : IFilter<ExceptionReceiveContext>, IEndpointConfigurationObserver
{
    readonly Counter<long> counter = meters
        .Create("Nightshift")
        .CreateCounter<long>("nightshift.messages.given_up", description: "Messages moved to an error queue");

    /// <inheritdoc/>
    public void EndpointConfigured<T>(T configurator)
        where T : IReceiveEndpointConfigurator
    {
        configurator.PublishFaults = false; // nobody listens to them
        configurator.ConfigureError(x =>
        {
            x.UseFilter(this);
            x.UseFilter(new ErrorTransportFilter()); // a pipe of our own replaces the default one
        });
        queues.Add(QueueOf(configurator.InputAddress));
    }

    /// <inheritdoc/>
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (DependencyFaults.IsTransient(context.Exception))
        {
            await dependencies.UntilBack();
            ExceptionDispatchInfo.Throw(context.Exception); // not moved: the transport returns it to its queue
        }
        await next.Send(context); // moves it; when that fails the message goes back to its queue
        var queue = QueueOf(context.InputAddress);
        var type = MessageBody.Read(context.GetBody()).Type;
        counter.Add(1, new("message", type), new("queue", queue));
        PlumbingLog.MessageGivenUp(
            log,
            context.Exception,
            type,
            queue,
            ReceiveQueues.ErrorQueueOf(queue),
            context.Exception.GetBaseException().Message
        );
    }

    /// <inheritdoc/>
    public void Probe(ProbeContext context) => context.CreateFilterScope("errorQueue");

    static string QueueOf(Uri address) => address.AbsolutePath.Split('/')[^1];
}
