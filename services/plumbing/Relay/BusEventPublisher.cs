using System.Collections.Concurrent;
using System.Diagnostics;
using JasperFx.Events;
using MassTransit;
using MassTransit.Logging;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Telemetry;

namespace Nightshift.Plumbing.Relay;

/// <summary>Publishes the messages of one event and waits for the broker's confirmation.</summary>
public interface IEventPublisher
{
    /// <summary>Returns when the broker has confirmed all of them; throws otherwise.</summary>
    /// <exception cref="MappingException">The event cannot be turned into messages.</exception>
    Task Publish(IEvent e, CancellationToken cancellationToken);
}

/// <summary>Publishes over MassTransit.</summary>
sealed class BusEventPublisher(IBus bus, OutgoingMap map, Installation installation) : IEventPublisher
{
    readonly ConcurrentDictionary<string, Task<ISendEndpoint>> queues = [];

    /// <inheritdoc/>
    public async Task Publish(IEvent e, CancellationToken cancellationToken)
    {
        // Remote: a parent that nobody records is passed on only from outside; inside the process it would end the
        // trace here.
        ActivityContext.TryParse(
            e.GetHeader(UnitOfWork<object>.TraceParentHeader)?.ToString(),
            traceState: null,
            isRemote: true,
            out var cause
        );
        using var activity = ActivitySources.Relay.StartActivity("relay", ActivityKind.Producer, cause);
        var confirmations = (await map.Of(e, cancellationToken))
            .Select((outgoing, index) => Publish(outgoing, MessageIds.Of(e.Id, index), cancellationToken))
            .ToList();
        await Task.WhenAll(confirmations);
    }

    async Task Publish(Outgoing outgoing, Guid messageId, CancellationToken cancellationToken)
    {
        if (outgoing.Queue is null)
            await bus.Publish(outgoing.Message, x => Mark(x, messageId), cancellationToken);
        else
            await (await queues.GetOrAdd(outgoing.Queue, x => bus.GetSendEndpoint(installation.Address(x)))).Send(
                outgoing.Message,
                x => Mark(x, messageId),
                cancellationToken
            );
    }

    // MassTransit passes the trace on only when somebody records it; the log lines want it either way.
    static void Mark(SendContext context, Guid messageId)
    {
        context.MessageId = messageId;
        if (Activity.Current?.Id is { } trace)
            context.Headers.Set(DiagnosticHeaders.ActivityId, trace);
    }
}
