using MassTransit;
using Nightshift.Contracts;
using Nightshift.Healer.Cases;

namespace Nightshift.Healer.Containers;

/// <summary>A watched container failed. Safe to deliver twice, late or out of order.</summary>
public sealed class ContainerFailedConsumer(CaseStore cases) : IConsumer<ContainerFailed>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ContainerFailed> context)
    {
        var m = context.Message;
        var fail = new SeeContainerFail(
            m.Engine,
            m.Container,
            m.Incarnation,
            m.Problem,
            m.ExitCode,
            m.At,
            m.HealthCheckTime
        );
        return cases.Decide(
            ContainerDecider.TargetOf(m.Container),
            (x, decision) => ContainerDecider.Decide(x, fail, decision),
            context.CancellationToken
        );
    }
}

/// <summary>A watched container is healthy. Safe to deliver twice, late or out of order.</summary>
public sealed class ContainerHealthyConsumer(CaseStore cases) : IConsumer<ContainerHealthy>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ContainerHealthy> context)
    {
        var m = context.Message;
        var well = new SeeContainerWell(m.Container, m.Incarnation, m.HasHealthCheck, m.At);
        return cases.Decide(
            ContainerDecider.TargetOf(m.Container),
            (x, decision) => ContainerDecider.Decide(x, well, decision),
            context.CancellationToken
        );
    }
}

/// <summary>A watched container was removed. Safe to deliver twice, late or out of order.</summary>
public sealed class ContainerRemovedConsumer(CaseStore cases) : IConsumer<ContainerRemoved>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ContainerRemoved> context)
    {
        var removed = new SeeContainerRemoved(context.Message.Container, context.Message.Incarnation);
        return cases.Decide(
            ContainerDecider.TargetOf(removed.Container),
            (x, decision) => ContainerDecider.Decide(x, removed, decision),
            context.CancellationToken
        );
    }
}

/// <summary>A watched container was stopped on request. Safe to deliver twice, late or out of order.</summary>
public sealed class ContainerStoppedConsumer(CaseStore cases) : IConsumer<ContainerStopped>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ContainerStopped> context)
    {
        var stopped = new SeeContainerStopped(context.Message.Container, context.Message.Incarnation);
        return cases.Decide(
            ContainerDecider.TargetOf(stopped.Container),
            (x, decision) => ContainerDecider.Decide(x, stopped, decision),
            context.CancellationToken
        );
    }
}

/// <summary>A restart could not be done. Safe to deliver twice, late or out of order.</summary>
public sealed class ContainerRestartFailedConsumer(CaseStore cases) : IConsumer<ContainerRestartFailed>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ContainerRestartFailed> context)
    {
        var m = context.Message;
        var fail = new SeeRestartFail(m.Container, m.Incarnation, m.Detail, m.At);
        return cases.Decide(
            ContainerDecider.TargetOf(m.Container),
            (x, decision) => ContainerDecider.Decide(x, fail, decision),
            context.CancellationToken
        );
    }
}
