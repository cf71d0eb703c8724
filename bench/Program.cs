using Nightshift.Bench;
using Nightshift.Bench.Chaos;

switch (args)
{
    case ["measure", var checkout, var home]:
        return await BenchRun.Run(checkout, Path.GetFullPath(home));
    case ["chaos", var checkout, .. var options]:
        return await ChaosCommand.Run(checkout, options);
    default:
        Console.Error.WriteLine("Usage: bench/run, or bench/chaos --help");
        return 2;
}
