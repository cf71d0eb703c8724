using MassTransit;
using Nightshift.Contracts;
using Nightshift.Healer.Cases;

namespace Nightshift.Healer.Tasks;

/// <summary>A failure the scheduler is going to retry. Safe to deliver twice, late or out of order.</summary>
public sealed class TaskUpForRetryConsumer(CaseStore cases) : IConsumer<TaskUpForRetry>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TaskUpForRetry> context)
    {
        var m = context.Message;
        var fail = new SeeTaskFail(
            m.DagId,
            m.RunId,
            m.TaskId,
            m.Attempt,
            m.Reason,
            m.Detail,
            m.MemoryMiB,
            Final: false,
            m.At
        );
        return cases.Decide(
            fail.Target,
            (x, decision) => TaskDecider.Decide(x, fail, decision),
            context.CancellationToken
        );
    }
}

/// <summary>A failure for good. Safe to deliver twice, late or out of order.</summary>
public sealed class TaskFailedConsumer(CaseStore cases) : IConsumer<TaskFailed>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TaskFailed> context)
    {
        var m = context.Message;
        var fail = new SeeTaskFail(
            m.DagId,
            m.RunId,
            m.TaskId,
            m.Attempt,
            m.Reason,
            m.Detail,
            m.MemoryMiB,
            Final: true,
            m.At
        );
        return cases.Decide(
            fail.Target,
            (x, decision) => TaskDecider.Decide(x, fail, decision),
            context.CancellationToken
        );
    }
}

/// <summary>A success after a failure. Safe to deliver twice, late or out of order.</summary>
public sealed class TaskRecoveredConsumer(CaseStore cases) : IConsumer<TaskRecovered>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TaskRecovered> context)
    {
        var m = context.Message;
        var recover = new SeeTaskRecover(m.DagId, m.RunId, m.TaskId, m.Attempt, m.MemoryMiB, m.At);
        return cases.Decide(
            recover.Target,
            (x, decision) => TaskDecider.Decide(x, recover, decision),
            context.CancellationToken
        );
    }
}
