using JasperFx.Events;
using Nightshift.Contracts;
using Nightshift.Plumbing.Relay;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

public sealed class RunTellingTests
{
    static IEnumerable<object> Told(RunFinished e)
    {
        var map = new OutgoingMap();
        RunStream.Tell(map);
        return map.Of(new Event<RunFinished>(e) { StreamKey = $"run-{Id}" }).Select(x => x.Message);
    }

    [Fact]
    public void A_run_that_succeeded_is_told() =>
        Assert.Equal([new RunSucceeded("etl", Id.Value, T0)], Told(new(RunOutcome.Succeeded, T0)));

    [Fact]
    public void A_run_that_failed_is_told_by_its_tasks_alone() => Assert.Empty(Told(new(RunOutcome.Failed, T0)));
}
