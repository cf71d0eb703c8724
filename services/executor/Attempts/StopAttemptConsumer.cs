using MassTransit;

namespace Nightshift.Executor.Attempts;

/// <summary>Ends attempts whose run goes on without them.</summary>
public sealed class StopAttemptConsumer(AttemptStore attempts, TimeProvider clock) : IConsumer<Contracts.StopAttempt>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<Contracts.StopAttempt> context)
    {
        var m = context.Message;
        var key = new AttemptKey(m.AttemptId, m.RunId, m.DagId, m.TaskId, m.Attempt);
        var stop = new StopAttempt(key, m.Why, clock.GetUtcNow());
        return attempts.Transact(m.AttemptId, x => AttemptDecider.Decide(x, stop), context.CancellationToken);
    }
}
