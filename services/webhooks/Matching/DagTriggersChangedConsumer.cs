using Marten;
using MassTransit;
using Nightshift.Contracts;

namespace Nightshift.Webhooks.Matching;

/// <summary>
/// Keeps <see cref="DagTriggers"/>. Safe to deliver twice, late or out of order: the database keeps the highest
/// revision.
/// </summary>
public sealed class DagTriggersChangedConsumer(IDocumentStore store) : IConsumer<DagTriggersChanged>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<DagTriggersChanged> context)
    {
        var m = context.Message;
        await using var session = store.LightweightSession();
        session.TryUpdateRevision(new DagTriggers(m.DagId, m.Revision, m.Push), m.Revision);
        await session.SaveChangesAsync(context.CancellationToken);
    }
}
