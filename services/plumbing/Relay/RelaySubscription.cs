using System.Net.Sockets;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;

namespace Nightshift.Plumbing.Relay;

/// <summary>
/// The safety net: reads committed events in order and publishes every one whose messages the fast path has not
/// confirmed. Its progress is committed only when the broker has confirmed the whole page, so a crash at any point
/// repeats messages and never loses one.
/// </summary>
public sealed class RelaySubscription(
    IServiceProvider services,
    AfterCommitRelay fastPath,
    ILogger<RelaySubscription> log,
    TimeProvider clock
) : ISubscription
{
    static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<IChangeListener> ProcessEventsAsync(
        EventRange page,
        ISubscriptionController controller,
        IDocumentOperations operations,
        CancellationToken cancellationToken
    )
    {
        foreach (var e in page.Events)
            if (!await fastPath.TakeConfirmation(e))
                await PublishUntilConfirmed(e, controller, cancellationToken);
        return NullChangeListener.Instance;
    }

    async Task PublishUntilConfirmed(IEvent e, ISubscriptionController controller, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(AfterCommitRelay.ConfirmWithin * 5);
                await services.GetRequiredService<BusWriter>().Write(e, limit.Token);
                fastPath.Open();
                return;
            }
            // it must not hold back everybody else's messages
            catch (Exception cause) when (!CanPass(cause) && !cancellationToken.IsCancellationRequested)
            {
                PlumbingLog.NeverTold(log, cause, e.EventTypeName, e.StreamKey, e.Version);
                await controller.RecordDeadLetterEventAsync(e, cause);
                return;
            }
            catch (Exception cause) when (!cancellationToken.IsCancellationRequested)
            {
                PlumbingLog.BrokerUnavailable(log, cause, e.Sequence);
                await Task.Delay(PauseAfterFailure, clock, cancellationToken);
            }
        }
    }

    // What the broker or the way to it may do better next time. A mapping that throws, a queue that cannot exist or a
    // message that cannot be written stays as it is.
    static bool CanPass(Exception e) =>
        e is not MappingException
        && (
            e
                is ConnectionException
                    or TransportException
                    or RabbitMQClientException
                    or TimeoutException
                    or IOException
                    or SocketException
                    or ObjectDisposedException
                    or OperationCanceledException
            || e.InnerException is { } inner && CanPass(inner)
        );
}
