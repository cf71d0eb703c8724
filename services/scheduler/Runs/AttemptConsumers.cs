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
public sealed class AttemptFinishedConsumer(RunStore runs) : IConsumer<AttemptFinished>
{
    // A task that failed hands nothing on.
    static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<AttemptFinished> context) => Settle(context.Message, context.CancellationToken);

    internal Task<Committed<Run>> Settle(AttemptFinished m, CancellationToken cancellationToken)
    {
        var outputs = NamedValues.Of(m.Succeeded ? m.Outputs : None);
        var report = new ReportAttempt(
            m.TaskId,
            m.Attempt,
            m.Succeeded,
            m.Reason,
            m.Detail,
            m.MemoryMiB,
            outputs.Inline,
            m.FinishedAt,
            m.Infrastructure
        )
        {
            ExitCode = m.ExitCode,
            StoredOutputs = outputs.References,
        };
        return runs.Transact(m.RunId, (run, x) => RunDecider.Decide(run, report, x), cancellationToken, outputs);
    }
}

/// <summary>Tries a failed task again, as the healer asks.</summary>
public sealed class RetryTaskConsumer(RunStore runs, TimeProvider clock) : IConsumer<RetryTask>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<RetryTask> context)
    {
        var m = context.Message;
        var clear = new ClearTask(m.TaskId, m.FailedAttempt, m.MemoryMiB, m.CaseId, clock.GetUtcNow());
        return runs.Transact(m.RunId, (run, x) => RunDecider.Decide(run, clear, x), context.CancellationToken);
    }
}
