using Nightshift.Bench;
using Nightshift.Bench.Chaos;
using Nightshift.Bench.History;
using Nightshift.Bench.Peers;

switch (args)
{
    case ["measure", var checkout, var home]:
        return await BenchRun.Run(checkout, Path.GetFullPath(home));
    case ["peers", var checkout, var home]:
        return await PeersRun.Run(checkout, Path.GetFullPath(home));
    case ["chaos", var checkout, .. var options]:
        return await ChaosCommand.Run(checkout, options);
    case ["history", var checkout, .. var options]:
        return await HistoryCommand.Run(checkout, options);
    default:
        Console.Error.WriteLine("Usage: bench/run, bench/peers, bench/chaos --help or bench/history --help");
        return 2;
}
