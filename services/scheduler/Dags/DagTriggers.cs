using Marten;
using MassTransit;
using Nightshift.Contracts;
using Nightshift.Plumbing.Relay;

namespace Nightshift.Scheduler.Dags;

/// <summary>Tells the webhooks service which pushes start which DAGs.</summary>
public static class DagTriggers
{
    /// <summary>What others hear of a DAG.</summary>
    public static void Tell(OutgoingMap map)
    {
        map.Publish<DagPublished>(e => new DagTriggersChanged(e.Data.Spec.DagId, e.Version, e.Data.Spec.Push));
        map.Publish<DagWithdrawn>(e => new DagTriggersChanged(e.StreamKey![Dag.Stream.Prefix.Length..], e.Version, Push: null));
    }
}

/// <summary>Repeats what has been committed, for a webhooks service that may have missed it.</summary>
public sealed class AnnounceDagsConsumer(IDocumentStore store) : IConsumer<AnnounceDags>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<AnnounceDags> context)
    {
        await using var session = store.QuerySession();
        var rows = await session.Query<DagRow>().ToListAsync(context.CancellationToken);
        await Task.WhenAll(rows.Select(x => context.Publish(new DagTriggersChanged(x.Spec.DagId, x.Revision, x.Live ? x.Spec.Push : null), context.CancellationToken)));
    }
}
