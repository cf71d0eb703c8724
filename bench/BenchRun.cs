namespace Nightshift.Bench;

/// <summary><c>bench/run</c>: measures the whole system, and first what the machine itself can do.</summary>
static class BenchRun
{
    public static async Task<int> Run(string checkout, string home)
    {
        var dags = Directory.CreateTempSubdirectory("nightshift-bench-").FullName;
        await BenchDags.Write(dags);
        var system = new SystemUnderTest(checkout, home, dags);
        try
        {
            BenchRow.Print(await Measure(system, home, dags));
            return 0;
        }
        finally
        {
            await system.Down();
            Directory.Delete(dags, recursive: true);
        }
    }

    static async Task<IReadOnlyList<BenchRow>> Measure(SystemUnderTest system, string home, string dags)
    {
        await system.Up(); // whatever must be built or installed is built and installed here, and not measured
        await system.Down();
        var start = await system.Up();
        var memory = system.MemoryMiB();
        using var client = new BenchClient(await system.Credentials());
        await client.Run("bench-warm-up");
        var cold = await Measurements.Hops(client); // while the runtime still compiles the hot code for good
        var yardstick = await Yardstick.Measure(ServiceProcesses.AddressesOf(home));
        return
        [
            .. yardstick.Rows(),
            new("up to all green, second start", $"{start:0.0} s", "< 15 s"),
            new("idle memory of the six services (PSS)", $"{memory} MiB", "printed"),
            .. BenchRows.Hops(await Rounds(() => Measurements.Hops(client)), cold, yardstick),
            .. await Throughput(client, yardstick),
            .. await Size(client, dags),
            new(
                "20 container tasks / 20 × docker run, median of 5",
                $"{await Median(() => Measurements.DockerRatio(client, system)):0.00}",
                "≤ 1.25"
            ),
        ];
    }

    static async Task<IReadOnlyList<BenchRow>> Throughput(BenchClient client, Yardstick yardstick) =>
        [
            BenchRows.Tasks(
                "1,000 noop tasks in 100 chains of 10, median of 5",
                await Median(() => Measurements.TasksPerSecond(client, "bench-ten", runs: 100, tasksPerRun: 10)),
                yardstick
            ),
            BenchRows.Tasks(
                "1,000 noop tasks in 10 fan-outs of 100, median of 5",
                await Median(() =>
                    Measurements.TasksPerSecond(client, "bench-fan", runs: 10, tasksPerRun: BenchDags.SmallFan + 2)
                ),
                yardstick
            ),
            new(
                "runs accepted from 8 clients while they execute, median of 5",
                $"{await Median(() => Measurements.TriggersPerSecond(client, clients: 8, runs: 1_000)):0} runs/s",
                "≥ 500 runs/s"
            ),
        ];

    // Last: what these leave behind would slow down the others.
    static async Task<IReadOnlyList<BenchRow>> Size(BenchClient client, string dags)
    {
        const string Large = "bench-large";
        var small = await Measurements.TasksPerSecond(client, "bench-fan", runs: 100, BenchDags.SmallFan + 2);
        var loaded = await Measurements.UntilRunnable(client, dags, Large, BenchDags.Fan(Large, BenchDags.LargeFan));
        var run = await client.Run(Large);
        var seconds = (run.EndedAt - run.QueuedAt).TotalSeconds;
        var many = await Measurements.UntilAllLive(client, dags, BenchDags.Files);
        var next = 0;
        var one = await Median(() =>
        {
            var dag = $"bench-more-{next++}";
            return Measurements.UntilRunnable(client, dags, dag, BenchDags.Small(dag));
        });
        return
        [
            new("a file of 10,000 tasks → runnable", $"{loaded:0.0} s", "≤ 2 s"),
            new("10,000 noop tasks in one fan-out: triggered → ended", $"{seconds:0.0} s", "≤ 12 s"),
            new(
                "time per task of it, against 100 fan-outs of 100",
                $"{seconds / (BenchDags.LargeFan + 2) * small:0.0} ×",
                "≤ 1.5 ×"
            ),
            new("1,000 files at once → all live", $"{many:0.0} s", "≤ 8 s"),
            new("one more file → runnable, median of 5", $"{one:0.00} s", "≤ 0.4 s"),
        ];
    }

    static async Task<double> Median(Func<Task<double>> measure) => Measurements.Percentile(await Rounds(measure), 50);

    /// <summary>What is measured is measured five times.</summary>
    public static async Task<IReadOnlyList<T>> Rounds<T>(Func<Task<T>> measure)
    {
        var values = new List<T>();
        for (var round = 0; round < 5; round++)
            values.Add(await measure());
        return values;
    }
}
