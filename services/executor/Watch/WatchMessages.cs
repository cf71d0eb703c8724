using Nightshift.Contracts;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Watch;

/// <summary>What is published about watched containers.</summary>
static class WatchMessages
{
    public static readonly StreamDefinition<WatchedContainer> Stream = new(
        "container-",
        typeof(WatchEvent),
        WatchedContainer.Unknown,
        (state, e) => state.Evolve(e)
    )
    {
        IsEnded = x => x.Condition is Condition.Absent,
    };

    public static void AddWatch(this NightshiftService service)
    {
        service.AddStream(Stream);
        service
            .Outgoing.Publish<ContainerTurnedUnhealthy>(e => new ContainerFailed(
                e.Data.Engine,
                e.Data.Container,
                e.Data.Incarnation,
                "unhealthy",
                ExitCode: null,
                e.Data.At,
                e.Data.HealthCheckTime
            ))
            .Publish<ContainerExited>(e => new ContainerFailed(
                e.Data.Engine,
                e.Data.Container,
                e.Data.Incarnation,
                "exited",
                e.Data.ExitCode,
                e.Data.At,
                e.Data.HealthCheckTime
            ))
            .Publish<ContainerStopped>(e => new Contracts.ContainerStopped(
                e.Data.Engine,
                e.Data.Container,
                e.Data.Incarnation,
                e.Data.At
            ))
            .Publish<ContainerBecameHealthy>(e => new ContainerHealthy(
                e.Data.Engine,
                e.Data.Container,
                e.Data.Incarnation,
                e.Data.HasHealthCheck,
                e.Data.At
            ))
            .Publish<ContainerRemoved>(e => new Contracts.ContainerRemoved(
                e.Data.Engine,
                e.Data.Container,
                e.Data.Incarnation,
                e.Data.At
            ))
            .Publish<RestartFailed>(e => new ContainerRestartFailed(
                e.Data.CaseId,
                e.Data.Container,
                e.Data.Incarnation,
                e.Data.Detail,
                e.Data.At
            ));
    }
}
