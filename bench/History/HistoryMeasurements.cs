using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Nightshift.Bench.History;

/// <summary>One thing that must cost the same with and without history.</summary>
/// <param name="What">What it is, for people.</param>
/// <param name="Unit">The value's unit. A rate is per second.</param>
/// <param name="Value">What it costs, or the rate.</param>
/// <param name="IsRate">True when more is better.</param>
sealed record Measured(string What, string Unit, double Value, bool IsRate = false);

/// <summary>What is measured of a system that was just started: with whichever history, the same.</summary>
static class HistoryMeasurements
{
    /// <summary>Runs triggered to find the rate at which they are accepted, and how many callers do it.</summary>
    const int Triggers = 400,
        Callers = 16;

    /// <summary>Requests of one list before those that count, and those that count.</summary>
    const int WarmUps = 5,
        Requests = 41;

    /// <summary>Files that are added one after the other.</summary>
    const int MoreFiles = 5;

    /// <summary>Rows of a page: there are as many on the first day.</summary>
    const int PageRows = 25;

    /// <param name="client">Asks the lists.</param>
    /// <param name="bench">Triggers the long chain.</param>
    /// <param name="dags">The folder of its DAG files.</param>
    /// <param name="size">The history in the system.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<Measured>> Measure(
        HistoryClient client,
        BenchClient bench,
        string dags,
        HistorySize size,
        CancellationToken cancellationToken
    )
    {
        await bench.Run("bench-warm-up");
        await Measurements.Hops(bench); // while the runtime still compiles the hot code for good
        var hops = await Measurements.Hops(bench);
        await TriggersPerSecond(client, cancellationToken); // the same
        var triggers = await TriggersPerSecond(client, cancellationToken);
        var measured = new List<Measured>
        {
            new("hop: attempt finished → next accepted, p50", "ms", Measurements.Percentile(hops, 50)),
            new("triggers accepted, 16 callers", "/s", triggers, IsRate: true),
        };
        foreach (var (what, path) in await Paths(client, size, cancellationToken))
            measured.Add(new(what, "ms", await Median(client, path, cancellationToken)));
        measured.AddRange(await Throughput(bench));
        measured.AddRange(await Files(bench, dags, cancellationToken));
        return measured;
    }

    static async Task<IReadOnlyList<Measured>> Throughput(BenchClient bench)
    {
        await Chains(); // while the runtime still compiles the hot code for good
        return
        [
            new("1,000 noop tasks in 100 chains of 10", "/s", await Chains(), IsRate: true),
            new("1,000 noop tasks in 10 fan-outs of 100", "/s", await Fans(), IsRate: true),
        ];

        Task<double> Chains() => Measurements.TasksPerSecond(bench, "bench-ten", runs: 100, tasksPerRun: 10);
        Task<double> Fans() =>
            Measurements.TasksPerSecond(bench, "bench-fan", runs: 10, tasksPerRun: BenchDags.SmallFan + 2);
    }

    // They go again: the next round begins with as many.
    static async Task<IReadOnlyList<Measured>> Files(
        BenchClient bench,
        string dags,
        CancellationToken cancellationToken
    )
    {
        var (before, name) = (await bench.Dags(), Guid.NewGuid().ToString("N")[..8]);
        var all = await Measurements.UntilAllLive(bench, dags, BenchDags.Files, name);
        var more = new List<double>();
        for (var i = 0; i < MoreFiles; i++)
        {
            var dag = string.Create(CultureInfo.InvariantCulture, $"bench-{name}-more-{i}");
            more.Add(await Measurements.UntilRunnable(bench, dags, dag, BenchDags.Small(dag)));
            File.Delete(Path.Combine(dags, $"{dag}.yaml"));
        }
        Directory.Delete(Path.Combine(dags, name), recursive: true);
        while (await bench.Dags() > before)
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, cancellationToken);
        return
        [
            new("1,000 files at once → all live", "s", all),
            new("one more file → runnable", "s", Measurements.Percentile(more, 50)),
        ];
    }

    static async Task<double> TriggersPerSecond(HistoryClient client, CancellationToken cancellationToken)
    {
        var (since, left) = (Stopwatch.GetTimestamp(), Triggers);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(Caller, cancellationToken)));
        var took = Stopwatch.GetElapsedTime(since);
        await client.AwaitQuiet(cancellationToken);
        return Triggers / took.TotalSeconds;

        async Task Caller()
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await client.Trigger(
                    HistoryDags.Single,
                    Guid.NewGuid().ToString("D"),
                    new Dictionary<string, string>(),
                    cancellationToken
                );
        }
    }

    static async Task<double> Median(HistoryClient client, string path, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        for (var i = 0; i < WarmUps + Requests; i++)
            times.Add(await client.Time(path, cancellationToken));
        return Measurements.Percentile([.. times.Skip(WarmUps)], 50);
    }

    static async Task<IReadOnlyList<(string What, string Path)>> Paths(
        HistoryClient client,
        HistorySize size,
        CancellationToken cancellationToken
    )
    {
        var dag = HistoryDags.Scheduled(42);
        var (runs, oneDag) = ("api/v2/dags/~/dagRuns?", $"api/v2/dags/{dag}/dagRuns?");
        var (deliveries, incidents, cases) = ("api/v2/deliveries?", "api/v2/incidents?", "api/v2/healing?");
        // the oldest first: what is measured adds runs at the other end
        var deep = await Middle(client, $"{runs}order_by=queued_at&", size.Runs, cancellationToken);
        var run = await RequireSameAsFolded(client, deep, cancellationToken);
        var (itsDag, runId) = (run.GetProperty("dag_id").GetString(), run.GetProperty("dag_run_id").GetString());
        return
        [
            ("runs, first page", First(runs)),
            ("runs, page in the middle", deep),
            ("runs of a DAG, first page", First(oneDag)),
            ("failed runs, first page", First($"{runs}state=failed&")),
            ("runs by logical date, first page", First($"{runs}order_by=-logical_date&")),
            ("a run from the middle", $"api/v2/dags/~/dagRuns/{runId}"),
            ("its task instances", $"api/v2/dags/~/dagRuns/{runId}/taskInstances"),
            ("its stream", $"api/v2/streams/run-{runId}"),
            ("the log of one of its tasks", $"api/v2/dags/{itsDag}/dagRuns/{runId}/taskInstances/t7/logs/1"),
            ("deliveries, first page", First(deliveries)),
            ("deliveries, page in the middle", await Middle(client, deliveries, size.Deliveries, cancellationToken)),
            ("matched deliveries, first page", First($"{deliveries}status=matched&")),
            ("incidents, first page", First(incidents)),
            ("incidents, page in the middle", await Middle(client, incidents, size.FailedDags, cancellationToken)),
            ("healing cases, first page", First(cases)),
            ("backfills, first page", First("api/v2/backfills?")),
            ("DAGs", "api/v2/dags"),
            ("a DAG", $"api/v2/dags/{dag}"),
            ("status", "status"),
        ];
    }

    // What was filled is what the services read: the row of each run on a page is what its events come to.
    static async Task<JsonElement> RequireSameAsFolded(
        HistoryClient client,
        string page,
        CancellationToken cancellationToken
    )
    {
        var rows = (await client.Get(page, cancellationToken)).GetProperty("dag_runs").EnumerateArray().ToList();
        foreach (var row in rows)
        {
            var path = $"api/v2/dags/~/dagRuns/{row.GetProperty("dag_run_id").GetString()}";
            var folded = await client.Get(path, cancellationToken);
            foreach (var name in (string[])["state", "dag_id", "queued_at", "end_date", "logical_date"])
                if (folded.GetProperty(name).GetRawText() != row.GetProperty(name).GetRawText())
                    throw new InvalidOperationException($"The list says {row} of a run, and its events say {folded}");
        }
        return rows[0];
    }

    static string First(string list) => string.Create(CultureInfo.InvariantCulture, $"{list}limit={PageRows}");

    /// <summary>The page halfway down a list, by the cursors of the pages above it.</summary>
    static async Task<string> Middle(HistoryClient client, string list, int rows, CancellationToken cancellationToken)
    {
        var cursor = "";
        for (var left = rows / 2; left > 0; left -= 1000)
        {
            var page = await client.Get(
                string.Create(CultureInfo.InvariantCulture, $"{list}limit={Math.Min(left, 1000)}{cursor}"),
                cancellationToken
            );
            cursor =
                page.TryGetProperty("next_cursor", out var next) || page.TryGetProperty("nextCursor", out next)
                    ? $"&cursor={next.GetString()}"
                    : throw new InvalidOperationException($"{list} has fewer than {rows / 2} rows");
        }
        return First(list) + cursor;
    }
}
