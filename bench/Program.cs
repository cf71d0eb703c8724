using System.Globalization;
using Nightshift.Bench;

if (args is not [var checkout, var home])
{
    Console.Error.WriteLine("Usage: bench/run");
    return 2;
}

var dags = Directory.CreateTempSubdirectory("nightshift-bench-").FullName;
await BenchDags.Write(dags);
var system = new MeasuredSystem(checkout, home, dags);
var table = new List<(string What, string Figure, string Goal)>();
try
{
    await system.Up(); // whatever must be built or installed is built and installed here, and not measured
    await system.Down();
    table.Add(("up to all green, second start", $"{await system.Up():0.0} s", "< 15 s"));
    table.Add(("idle memory of the six services (PSS)", $"{system.MemoryMiB()} MiB", "printed"));
    using var client = new BenchClient(await system.Credentials());

    await client.Run("bench-warm-up");
    var cold = await Measurements.Hops(client); // while the runtime still compiles the hot code for good
    var hops = await Measurements.Hops(client);
    table.Add(
        (
            "hop: attempt finished → next accepted, 500 hops, p50",
            Milliseconds(Measurements.Percentile(hops, 50)),
            "≤ 12 ms"
        )
    );
    table.Add(("the same, p99", Milliseconds(Measurements.Percentile(hops, 99)), "≤ 60 ms"));
    table.Add(
        (
            "the first 500 hops after a start, p50 / p99",
            $"{Milliseconds(Measurements.Percentile(cold, 50))} / {Milliseconds(Measurements.Percentile(cold, 99))}",
            "printed"
        )
    );
    var rates = new List<double>();
    for (var round = 0; round < 3; round++)
        rates.Add(await Measurements.TasksPerSecond(client, runs: 100, tasksPerRun: 10));
    table.Add(
        (
            "1,000 noop tasks in 100 runs of 10, median of 3",
            $"{Measurements.Percentile(rates, 50):0} tasks/s",
            "≥ 300 tasks/s"
        )
    );
    var ratios = new List<double>();
    for (var round = 0; round < 3; round++)
        ratios.Add(await Measurements.DockerRatio(client, system));
    table.Add(
        (
            "20 container tasks / 20 × docker run, median of 3",
            Measurements.Percentile(ratios, 50).ToString("0.00", CultureInfo.InvariantCulture),
            "≤ 1.25"
        )
    );
}
finally
{
    await system.Down();
    Directory.Delete(dags, recursive: true);
}

Console.WriteLine();
Console.WriteLine($"{"measured", -55} {"figure", 19} {"goal", 15}");
foreach (var (what, figure, goal) in table)
    Console.WriteLine($"{what, -55} {figure, 19} {goal, 15}");
return 0;

static string Milliseconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} ms");
