using MassTransit;

namespace Nightshift.Webhooks.Matching;

/// <summary>Judges a committed delivery. Safe to deliver twice: it is judged once.</summary>
public sealed class DeliveryReceivedConsumer(DeliveryJudge judge, TimeProvider clock)
    : IConsumer<Contracts.DeliveryReceived>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<Contracts.DeliveryReceived> context) =>
        judge.Judge(context.Message.DeliveryId, clock.GetUtcNow(), context.CancellationToken);
}
