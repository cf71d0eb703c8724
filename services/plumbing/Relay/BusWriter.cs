using System.Collections.Concurrent;
using System.Diagnostics;
using JasperFx.Events;
using MassTransit;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Telemetry;

namespace Nightshift.Plumbing.Relay;

/// <summary>Puts the messages of one event on the bus and waits for the broker's confirmation.</summary>
sealed class BusWriter(IBus bus, OutgoingMap map)
{
    readonly ConcurrentDictionary<string, Task<ISendEndpoint>> queues = [];

    public async Task Write(IEvent e, CancellationToken cancellationToken)
    {
        using var activity = ActivitySources.Relay.StartActivity("relay", ActivityKind.Producer, e.GetHeader(UnitOfWork<object>.TraceParentHeader)?.ToString());
        var confirmations = map.Of(e).Select((outgoing, index) => Write(outgoing, MessageIds.Of(e.Id, index), cancellationToken)).ToList();
        await Task.WhenAll(confirmations);
    }

    async Task Write(Outgoing outgoing, Guid messageId, CancellationToken cancellationToken)
    {
        if (outgoing.Queue is null)
            await bus.Publish(outgoing.Message, x => x.MessageId = messageId, cancellationToken);
        else
            await (await queues.GetOrAdd(outgoing.Queue, x => bus.GetSendEndpoint(new Uri($"queue:{x}"))))
                .Send(outgoing.Message, x => x.MessageId = messageId, cancellationToken);
    }
}
