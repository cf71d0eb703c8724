using MassTransit;
using Nightshift.Contracts;
using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;

namespace Nightshift.Scheduler.Runs;

/// <summary>Starts the runs a push asks for.</summary>
public sealed class TriggerRunConsumer(
    DagCatalog catalog,
    RunStore runs,
    DiskSpace disk,
    ILogger<TriggerRunConsumer> log
) : IConsumer<TriggerRun>
{
    static readonly IReadOnlyDictionary<string, string?> NoParams = new Dictionary<string, string?>();

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<TriggerRun> context)
    {
        disk.RequireRoom(); // the message waits
        var m = context.Message;
        var dag = await catalog.Find(m.DagId, context.CancellationToken);
        if (dag is not { Live: true, Spec: { } spec })
        {
            Log.TriggerIgnored(log, m.RunId, m.DagId); // withdrawn between the match and now
            return;
        }
        var start = new StartRun(
            new(m.RunId),
            spec,
            dag.Version,
            RunType.Push,
            m.Cause,
            m.RequestedAt,
            Interval: null,
            NoParams,
            m.Trigger,
            m.RequestedAt
        )
        {
            IsPaused = dag.IsPaused,
        };
        try
        {
            await runs.Transact(
                m.RunId,
                (run, values) => RunDecider.Decide(run, start, values),
                context.CancellationToken,
                expectNew: !context.ReceiveContext.Redelivered
            );
        }
        catch (RejectedException e) // nobody waits for the answer, and another delivery would get the same
        {
            Log.TriggerRefused(log, m.RunId, m.DagId, e.Message);
        }
    }
}
