using MassTransit;
using Nightshift.Contracts;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// A person was called about a DAG: its next success is published, also when one that settled the failure was published
/// before healing had heard of the failure. Safe to deliver twice, late or out of order.
/// </summary>
public sealed class HealingFailedConsumer(DagFailures failures, LaterSuccess later) : IConsumer<HealingFailed>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<HealingFailed> context)
    {
        if (context.Message.RunId is { } runId) // otherwise it is about a container
            await failures.Await(runId, later, context);
    }
}

/// <summary>The same for a task that healing has given up on.</summary>
public sealed class TaskHealingFailedConsumer(DagFailures failures, LaterSuccess later) : IConsumer<TaskHealingFailed>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TaskHealingFailed> context) =>
        failures.Await(context.Message.RunId, later, context);
}

static class AwaitedSuccess
{
    // A success meanwhile is read after it is awaited: none falls in between.
    public static async Task Await(this DagFailures failures, string runId, LaterSuccess later, ConsumeContext context)
    {
        await failures.Await(RunStream.DagIdOf(runId), context.CancellationToken);
        if (await later.Find(runId, context.CancellationToken) is { } success)
            await context.Publish(success, context.CancellationToken);
    }
}
