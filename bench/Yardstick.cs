using System.Diagnostics;
using Npgsql;

namespace Nightshift.Bench;

/// <summary>
/// What database and broker can do in this minute, without a line of Nightshift: a figure of ours means something only
/// beside it.
/// </summary>
/// <param name="CommitsOfOne">Durable commits per second of one connection, one row each.</param>
/// <param name="CommitsOfSixteen">The same of sixteen connections together.</param>
/// <param name="DeliveryP50">Milliseconds from the publish of a persistent message to its consumer, median.</param>
/// <param name="HopP50">Milliseconds of a bare hop, median: consume, append one row, commit, publish, twice.</param>
/// <param name="HopP99">The same, 99th percentile.</param>
/// <param name="HopsPerSecond">Bare hops per second of 100 chains of ten at once.</param>
sealed record Yardstick(
    double CommitsOfOne,
    double CommitsOfSixteen,
    double DeliveryP50,
    double HopP50,
    double HopP99,
    double HopsPerSecond
)
{
    static readonly TimeSpan CommitTime = TimeSpan.FromSeconds(2);

    /// <summary>Measures on the database and the broker of a running system that has nothing to do.</summary>
    public static async Task<Yardstick> Measure(ServiceAddresses addresses)
    {
        await using var database = NpgsqlDataSource.Create($"{addresses.Postgres};Maximum Pool Size=20");
        await using var table = await BareTable.Create(database);
        var (one, sixteen) = (await Commits(table, 1), await Commits(table, 16));
        await using var hop = await BareHop.Start(table, addresses.RabbitMq);
        await hop.Run(chains: 1, hops: 100); // warm-up
        var hops = await hop.Run(chains: 1, hops: 500);
        var since = Stopwatch.GetTimestamp();
        await hop.Run(chains: 100, hops: 10);
        return new(
            one,
            sixteen,
            Measurements.Percentile(await BareDelivery.Measure(addresses.RabbitMq, messages: 500), 50),
            Measurements.Percentile(hops, 50),
            Measurements.Percentile(hops, 99),
            1_000 / Stopwatch.GetElapsedTime(since).TotalSeconds
        );
    }

    /// <summary>The yardstick's own rows.</summary>
    public IEnumerable<BenchRow> Rows() =>
        [
            new(
                "yardstick: durable commits, 1 / 16 connections",
                $"{CommitsOfOne:0} / {CommitsOfSixteen:0} per s",
                "printed"
            ),
            new("yardstick: publish → consume, persistent, p50", $"{DeliveryP50:0.00} ms", "printed"),
            new("yardstick: bare hop, 500 in a chain, p50 / p99", $"{HopP50:0.0} / {HopP99:0.0} ms", "printed"),
            new("yardstick: bare hops, 100 chains of 10 at once", $"{HopsPerSecond:0} per s", "printed"),
        ];

    static async Task<double> Commits(BareTable table, int connections)
    {
        var since = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(Worker)));
        return counts.Sum() / Stopwatch.GetElapsedTime(since).TotalSeconds;

        async Task<int> Worker()
        {
            var count = 0;
            for (; Stopwatch.GetElapsedTime(since) < CommitTime; count++)
                await table.Append();
            return count;
        }
    }
}
