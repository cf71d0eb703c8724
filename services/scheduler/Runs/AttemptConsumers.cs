using MassTransit;
using Nightshift.Contracts;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// Notes that an attempt's container runs. One whose run goes on without it is stopped: the executor reports each
/// minute what runs, so a lost command to stop is sent again.
/// </summary>
public sealed class AttemptStartedConsumer(StreamStore<Run> runs, Installation installation) : IConsumer<AttemptStarted>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<AttemptStarted> context)
    {
        var (m, cancellationToken) = (context.Message, context.CancellationToken);
        var report = new ReportStart(m.TaskId, m.Attempt, m.StartedAt);
        var (run, _, _) = await runs.Transact(m.RunId, x => RunDecider.Decide(x, report), cancellationToken);
        if (!RunDecider.IsAbandoned(run, report))
            return;
        var queue = run.Plan.Has(m.TaskId) ? run.Plan[m.TaskId].Queue : ExecutorQueue.Default;
        var (stop, address) = RunStream.Stop(
            RunStream.Definition.Prefix + m.RunId,
            m.TaskId,
            m.Attempt,
            queue,
            "The run goes on without this attempt"
        );
        var endpoint = await context.GetSendEndpoint(installation.Address(address!));
        await endpoint.Send(stop, cancellationToken);
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
