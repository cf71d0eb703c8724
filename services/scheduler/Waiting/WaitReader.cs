using Nightshift.Contracts;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Messages;
using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Pools;
using Nightshift.Scheduler.Requirements;
using Nightshift.Scheduler.Runs;
using RabbitMQ.Client.Exceptions;

namespace Nightshift.Scheduler.Waiting;

/// <summary>Finds out what a run waits for. Asks only for what its tasks can wait for.</summary>
public sealed class WaitReader(
    PoolTable pools,
    SlotRequestTable requests,
    TimerTable timers,
    RequiredDags required,
    BrokerConnection broker,
    Installation installation,
    TimeProvider clock
)
{
    const int MostBefore = 100; // requests of a pool that are looked at for one that keeps its slots

    /// <summary>What is known beside the run.</summary>
    public async Task<WaitFacts> Read(Run run, CancellationToken cancellationToken)
    {
        var streamId = RunStream.Definition.Prefix + run.Queued!.RunId.Value;
        var own = Any(run, TaskState.Scheduled) ? await requests.OfRun(streamId, cancellationToken) : [];
        return new(
            own.ToDictionary(x => x.Task),
            own.Count > 0 ? await requests.Holding(cancellationToken) : [],
            own.Count > 0
                ? (await pools.All(cancellationToken)).ToDictionary(x => x.Name, x => x.Settings.Slots)
                : new Dictionary<string, int>(),
            await Before(own, cancellationToken),
            Any(run, TaskState.UpForRetry)
                ? Retries(await timers.Of(streamId, cancellationToken))
                : new Dictionary<string, DateTimeOffset>(),
            await Queues(run, cancellationToken),
            clock.GetUtcNow()
        )
        {
            Required = run.IsWaiting ? await required.Unmet(run.Queued.DagId, cancellationToken) : [],
        };
    }

    // One look per pool: what comes before the last request of the run there.
    async Task<IReadOnlyDictionary<string, IReadOnlyList<SlotRequest>>> Before(
        IReadOnlyList<SlotRequest> own,
        CancellationToken cancellationToken
    )
    {
        var before = new Dictionary<string, IReadOnlyList<SlotRequest>>();
        foreach (var pool in own.Where(x => !x.Holds).GroupBy(x => x.Limits.Pool).Where(x => x.Key is not null))
        {
            var first = await requests.Before(pool.Key!, pool.Max(x => x.Turn), MostBefore, cancellationToken);
            foreach (var request in pool)
                before[request.Task] = [.. first.Where(x => x.Turn < request.Turn)];
        }
        return before;
    }

    static Dictionary<string, DateTimeOffset> Retries(IReadOnlyDictionary<string, DateTimeOffset> timers) =>
        timers
            .Select(x => (Retry: RunStream.Retry(x.Key), x.Value))
            .Where(x => x.Retry is not null)
            .ToDictionary(x => x.Retry!.Value.Task, x => x.Value);

    async Task<IReadOnlyDictionary<string, QueueService>> Queues(Run run, CancellationToken cancellationToken)
    {
        var queues = new Dictionary<string, QueueService>();
        foreach (var spec in run.Instances)
            if (run.Tasks[spec.TaskId].State is TaskState.Queued && !queues.ContainsKey(spec.Queue))
                queues[spec.Queue] = new(await Executors(spec.Queue, cancellationToken));
        return queues;
    }

    async Task<int?> Executors(string queue, CancellationToken cancellationToken)
    {
        try
        {
            return (await broker.Find(installation.Queue(ExecutorQueue.OfTasks(queue)), cancellationToken))?.Consumers
                ?? 0;
        }
        catch (Exception e) when (e is RabbitMQClientException or TimeoutException or IOException)
        {
            return null; // the answer says so
        }
    }

    static bool Any(Run run, TaskState state) => run.Tasks.Values.Any(x => x.State == state);
}
