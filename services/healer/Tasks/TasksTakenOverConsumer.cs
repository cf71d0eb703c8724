using MassTransit;
using Nightshift.Contracts;
using Nightshift.Healer.Cases;
using Nightshift.Healer.Dags;

namespace Nightshift.Healer.Tasks;

/// <summary>
/// A person cancelled, marked or cleared tasks. The run of the DAG hears of it first: it must not take the end of a
/// task's healing for one that was given up. Safe to deliver twice, late or out of order.
/// </summary>
public sealed class TasksTakenOverConsumer(CaseStore cases) : IConsumer<TasksTakenOver>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<TasksTakenOver> context)
    {
        var (m, cancellationToken) = (context.Message, context.CancellationToken);
        var known = await cases.OfDag(m.DagId, cancellationToken);
        if (known.Any(DagTarget.Is))
        {
            var taken = new SeeTasksTakenOver(m.DagId, m.RunId, m.TaskIds, m.What, m.At);
            await cases.Decide(
                DagTarget.Of(m.DagId),
                (x, decision) => DagDecider.Decide(x, taken, decision),
                cancellationToken
            );
        }
        var meant = m.TaskIds?.ToHashSet();
        foreach (var target in known)
            if (TaskTarget.Parse(target) is var (_, task) && meant?.Contains(task) is not false)
            {
                var taken = new SeeTaskTakenOver(target, m.RunId, m.What, m.At);
                await cases.Decide(target, (x, decision) => TaskDecider.Decide(x, taken, decision), cancellationToken);
            }
    }
}
