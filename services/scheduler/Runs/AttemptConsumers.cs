using MassTransit;
using Nightshift.Contracts;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>Notes that an attempt's container runs.</summary>
public sealed class AttemptStartedConsumer(StreamStore<Run> runs) : IConsumer<AttemptStarted>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<AttemptStarted> context)
    {
        var report = new ReportStart(context.Message.TaskId, context.Message.Attempt, context.Message.StartedAt);
        return runs.Transact(context.Message.RunId, run => RunDecider.Decide(run, report), context.CancellationToken);
    }
}

/// <summary>
/// Feeds the executor's report to the run it belongs to. Safe to deliver twice, late or out of order.
/// </summary>
public sealed class AttemptFinishedConsumer(StreamStore<Run> runs) : IConsumer<AttemptFinished>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<AttemptFinished> context)
    {
        var m = context.Message;
        var report = new ReportAttempt(
            m.TaskId,
            m.Attempt,
            m.Succeeded,
            m.Reason,
            m.Detail,
            m.MemoryMiB,
            m.Outputs,
            m.FinishedAt,
            m.Infrastructure
        );
        return runs.Transact(m.RunId, run => RunDecider.Decide(run, report), context.CancellationToken);
    }
}

/// <summary>Tries a failed task again, as the healer asks.</summary>
public sealed class RetryTaskConsumer(StreamStore<Run> runs, TimeProvider clock) : IConsumer<RetryTask>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<RetryTask> context)
    {
        var m = context.Message;
        var clear = new ClearTask(m.TaskId, m.FailedAttempt, m.MemoryMiB, m.CaseId, clock.GetUtcNow());
        return runs.Transact(m.RunId, run => RunDecider.Decide(run, clear), context.CancellationToken);
    }
}
