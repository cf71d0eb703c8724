using System.Collections.Concurrent;
using System.Diagnostics;
using RabbitMQ.Client;

namespace Nightshift.Bench;

/// <summary>
/// The hop between two tasks with nothing but what it cannot do without, in one process: two queues that hand a message
/// on to each other, each after a commit of its own, as scheduler and executor do.
/// </summary>
sealed class BareHop : IAsyncDisposable
{
    const string Executor = "nightshift-yardstick-executor",
        Scheduler = "nightshift-yardstick-scheduler";

    readonly BareTable table;
    readonly IConnection connection;
    readonly BareQueue executor,
        scheduler;
    readonly ConcurrentDictionary<int, Chain> chains = [];

    BareHop(BareTable table, IConnection connection, BareQueue executor, BareQueue scheduler) =>
        (this.table, this.connection, this.executor, this.scheduler) = (table, connection, executor, scheduler);

    public static async Task<BareHop> Start(BareTable table, Uri rabbitMq)
    {
        var connection = await new ConnectionFactory { Uri = rabbitMq }.CreateConnectionAsync();
        var hop = new BareHop(
            table,
            connection,
            await BareQueue.Create(connection, Executor),
            await BareQueue.Create(connection, Scheduler)
        );
        await hop.executor.Consume(hop.RunTask);
        await hop.scheduler.Consume(hop.ScheduleNext);
        return hop;
    }

    /// <summary>Runs so many chains at once to their ends.</summary>
    /// <returns>Milliseconds of each hop.</returns>
    public async Task<IReadOnlyList<double>> Run(int chains, int hops)
    {
        var running = Enumerable.Range(0, chains).Select(_ => new Chain(hops)).ToList();
        foreach (var (i, chain) in running.Index())
            this.chains[i] = chain;
        await Task.WhenAll(Enumerable.Range(0, chains).Select(executor.Publish));
        await Task.WhenAll(running.Select(x => x.Ended));
        return [.. running.SelectMany(x => x.Milliseconds)];
    }

    async Task RunTask(int chain)
    {
        await table.Append();
        if (chains[chain].Step())
            await scheduler.Publish(chain);
    }

    async Task ScheduleNext(int chain)
    {
        await table.Append();
        await executor.Publish(chain);
    }

    public async ValueTask DisposeAsync()
    {
        await executor.DisposeAsync();
        await scheduler.DisposeAsync();
        await connection.DisposeAsync();
    }

    /// <summary>One message that goes round.</summary>
    sealed class Chain(int hops)
    {
        readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long since;

        public List<double> Milliseconds { get; } = [];

        public Task Ended => ended.Task;

        /// <returns>True when another hop follows.</returns>
        public bool Step()
        {
            if (since != 0)
                Milliseconds.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            since = Stopwatch.GetTimestamp();
            if (Milliseconds.Count < hops)
                return true;
            ended.SetResult();
            return false;
        }
    }
}
