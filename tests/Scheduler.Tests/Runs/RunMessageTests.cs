using JasperFx.Events;
using Nightshift.Contracts;
using Nightshift.Plumbing.Relay;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

public sealed class RunMessageTests
{
    static async Task<IEnumerable<object>> Told(RunFinished e)
    {
        var map = new OutgoingMap();
        RunStream.MapOutgoing(map, values: null!); // only the variables of tasks are read from it
        return (await map.Of(new Event<RunFinished>(e) { StreamKey = $"run-{Id}" }, CancellationToken.None)).Select(x =>
            x.Message
        );
    }

    [Fact]
    public async Task A_run_that_succeeded_is_published_with_its_place_among_the_others() =>
        Assert.Equal([new RunSucceeded("etl", Id.Value, T0, T0, T0)], await Told(Finished(RunOutcome.Succeeded)));

    [Fact]
    public async Task A_run_that_failed_is_published_with_the_tasks_that_failed()
    {
        var failed = Finished(RunOutcome.Failed, new Scheduler.Runs.FailedTask("load", 2, new("exit", "code 1"), 64));
        Assert.Equivalent(
            new RunFailed("etl", Id.Value, 1, T0, T0, [new("load", 2, "exit", "code 1", 64)], 1, T0),
            Assert.Single(await Told(failed)),
            strict: true
        );
    }
}
