using MassTransit;
using Nightshift.Contracts;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Requirements;

/// <summary>Starts queued runs of the DAGs that waited for another. Harmless when repeated.</summary>
public sealed class RequiredDagSucceededConsumer(RequiredDags required, RunAdmission admission)
    : IConsumer<RequiredDagSucceeded>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RequiredDagSucceeded> context)
    {
        foreach (var dagId in await required.WaitingFor(context.Message.DagId, context.CancellationToken))
            await admission.Admit(dagId, context.CancellationToken);
    }
}
