using MassTransit;
using Nightshift.Contracts;
using Nightshift.Healer.Cases;
using Nightshift.Healer.Tasks;

namespace Nightshift.Healer.Dags;

/// <summary>
/// A run failed. Its tasks are decided on first: their own messages may still be under way, and whether a person is
/// called depends on what healing does about them. Safe to deliver twice, late or out of order.
/// </summary>
public sealed class RunFailedConsumer(CaseStore cases) : IConsumer<RunFailed>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RunFailed> context)
    {
        var m = context.Message;
        var tasks = new List<TaskFailure>();
        foreach (var task in m.FailedTasks)
            tasks.Add(await Decide(m, task, context.CancellationToken));
        var fail = new SeeRunFail(m.DagId, m.RunId, m.End, m.LogicalDate, m.QueuedAt, tasks, m.FailedCount, m.At)
        {
            Detail = m.Detail,
        };
        await cases.Decide(
            DagTarget.Of(m.DagId),
            (x, decision) => DagDecider.Decide(x, fail, decision),
            context.CancellationToken
        );
    }

    async Task<TaskFailure> Decide(RunFailed m, FailedTask task, CancellationToken cancellationToken)
    {
        var fail = new SeeTaskFail(
            m.DagId,
            m.RunId,
            task.TaskId,
            task.Attempt,
            task.Reason,
            task.Detail,
            task.MemoryMiB,
            Final: true,
            m.At
        );
        var @case = await cases.Decide(
            fail.Target,
            (x, decision) => TaskDecider.Decide(x, fail, decision),
            cancellationToken
        );
        return new(task.TaskId, task.Attempt, task.Reason, task.Detail, task.MemoryMiB, @case[m.RunId]);
    }
}

/// <summary>
/// A success of a whole run. Costs one look at an index unless something waits for it. Safe to deliver twice, late or
/// out of order.
/// </summary>
public sealed class RunSucceededConsumer(CaseStore cases) : IConsumer<RunSucceeded>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RunSucceeded> context)
    {
        var (m, cancellationToken) = (context.Message, context.CancellationToken);
        var awaiting = await cases.Awaiting(m.DagId, cancellationToken);
        if (awaiting.Count == 0)
            return;
        var succeed = new SeeRunSucceed(m.DagId, m.RunId, m.LogicalDate, m.QueuedAt, m.At);
        var dag = await cases.Decide(
            DagTarget.Of(m.DagId),
            (x, decision) => DagDecider.Decide(x, succeed, decision),
            cancellationToken
        );
        if (DagDecider.IsOverruled(dag, succeed))
            return;
        foreach (var target in awaiting.Where(x => !DagTarget.Is(x)))
        {
            var settle = new SettleTask(target, m.RunId, m.At);
            await cases.Decide(target, (x, decision) => TaskDecider.Decide(x, settle, decision), cancellationToken);
        }
    }
}

/// <summary>Healing gave up on a task. Safe to deliver twice, late or out of order.</summary>
public sealed class TaskHealingFailedConsumer(CaseStore cases) : IConsumer<Contracts.TaskHealingFailed>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<Contracts.TaskHealingFailed> context)
    {
        var m = context.Message;
        var task = new SeeTaskGivenUp(m.DagId, m.RunId, m.TaskId, m.Attempt, m.Why);
        return cases.Decide(
            DagTarget.Of(m.DagId),
            (x, decision) => DagDecider.Decide(x, task, decision),
            context.CancellationToken
        );
    }
}
