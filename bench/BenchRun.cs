using System.Globalization;

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
            Print(await Measure(system, home));
            return 0;
        }
        finally
        {
            await system.Down();
            Directory.Delete(dags, recursive: true);
        }
    }

    static async Task<IReadOnlyList<BenchRow>> Measure(SystemUnderTest system, string home)
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
            .. BenchRows.Hops(await Measurements.Hops(client), cold, yardstick),
            BenchRows.Tasks(
                await Median(() => Measurements.TasksPerSecond(client, runs: 100, tasksPerRun: 10)),
                yardstick
            ),
            new(
                "20 container tasks / 20 × docker run, median of 3",
                $"{await Median(() => Measurements.DockerRatio(client, system)):0.00}",
                "≤ 1.25"
            ),
        ];
    }

    static async Task<double> Median(Func<Task<double>> measure)
    {
        var values = new List<double>();
        for (var round = 0; round < 3; round++)
            values.Add(await measure());
        return Measurements.Percentile(values, 50);
    }

    static void Print(IReadOnlyList<BenchRow> rows)
    {
        Console.WriteLine();
        Console.WriteLine($"{"measured", -60} {"figure", 24} {"goal", 15}");
        foreach (var row in rows)
            Console.WriteLine(
                $"{row.What, -60} {row.Figure.ToString(CultureInfo.InvariantCulture), 24} {row.Goal, 15}"
            );
    }
}
