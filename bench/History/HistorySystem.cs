using System.Globalization;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench.History;

/// <summary>A system of its own with a history of some size.</summary>
sealed class HistorySystem(string checkout, Home home, HistorySize size)
{
    readonly SystemUnderTest system = SystemUnderTest.OfItsOwn(checkout, home);

    /// <summary>True when an earlier call filled it to this size.</summary>
    public async Task<bool> IsFilled(CancellationToken cancellationToken) =>
        File.Exists(Filled) && await File.ReadAllTextAsync(Filled, cancellationToken) == Size;

    string Filled => Path.Combine(home.Root, "filled");

    string Size => size.Runs.ToString(CultureInfo.InvariantCulture);

    /// <summary>Sets it up from an empty database and fills it. It is down afterwards.</summary>
    public async Task Prepare(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(home.Root);
        File.Delete(Filled);
        await Down(); // what a run that was killed left behind
        await HistoryDags.Write(SystemUnderTest.Empty(home), cancellationToken);
        await system.Up();
        var fill = new HistoryFill(ServiceProcesses.AddressesOf(home.Root).Postgres, size);
        await fill.ReserveSequences(cancellationToken);
        using var client = await Client();
        await fill.Run(await HistorySample.Make(client, cancellationToken), cancellationToken);
        await Down();
        await File.WriteAllTextAsync(Filled, Size, cancellationToken);
    }

    /// <summary>Starts it, measures and stops it again.</summary>
    public async Task<IReadOnlyList<Measured>> Measure(CancellationToken cancellationToken)
    {
        var start = await system.Up();
        using var client = await Client();
        using var bench = new BenchClient(await system.Credentials());
        var measured = await HistoryMeasurements.Measure(
            client,
            bench,
            SystemUnderTest.DagsOf(home),
            size,
            cancellationToken
        );
        await Down();
        return [new Measured("up to all green", "s", start), .. measured];
    }

    public Task Down() => system.Down();

    async Task<HistoryClient> Client() =>
        new(await system.Credentials(), new Secrets(home.Secrets).Get(Secrets.GitHubWebhookSecret));
}
