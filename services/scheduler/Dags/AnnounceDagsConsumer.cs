using Marten;
using MassTransit;
using Nightshift.Contracts;

namespace Nightshift.Scheduler.Dags;

/// <summary>Repeats what has been committed, for a webhooks service that may have missed it.</summary>
public sealed class AnnounceDagsConsumer(IDocumentStore store) : IConsumer<AnnounceDags>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<AnnounceDags> context)
    {
        await using var session = store.QuerySession();
        var rows = await session.Query<DagRow>().ToListAsync(context.CancellationToken);
        await Task.WhenAll(
            rows.Select(x =>
                context.Publish(
                    new DagTriggersChanged(x.Spec.DagId, x.Revision, x.Live ? x.Spec.Push : null),
                    context.CancellationToken
                )
            )
        );
    }
}
