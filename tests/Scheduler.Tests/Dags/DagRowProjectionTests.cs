using Nightshift.Scheduler.Dags;

namespace Nightshift.Scheduler.Tests.Dags;

public sealed class DagRowProjectionTests
{
    // The row counts its stream's events: one that it left out would make the next publication start in the wrong place.
    [Fact]
    public void Every_event_of_a_DAG_reaches_its_row() =>
        Assert.Equivalent(
            typeof(DagEvent).Assembly.GetTypes().Where(x => x.IsSubclassOf(typeof(DagEvent))),
            new DagRowProjection().IncludedEventTypes,
            strict: true
        );
}
