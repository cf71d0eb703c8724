using Nightshift.Contracts;
using Nightshift.Plumbing.Relay;

namespace Nightshift.Scheduler.Dags;

/// <summary>Publishes to the webhooks service which pushes start which DAGs.</summary>
public static class DagTriggers
{
    /// <summary>The messages that follow from the events of a DAG.</summary>
    public static void MapOutgoing(OutgoingMap map)
    {
        map.Publish<DagPublished>(e => new DagTriggersChanged(e.Data.Spec.DagId, e.Version, e.Data.Spec.Push));
        map.Publish<DagWithdrawn>(e => new DagTriggersChanged(
            e.StreamKey![Dag.Stream.Prefix.Length..],
            e.Version,
            Push: null
        ));
    }
}
