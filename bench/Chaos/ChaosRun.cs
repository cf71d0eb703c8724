using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench.Chaos;

/// <summary>
/// One run of the whole: a system of its own from an empty database, load, kills, an end without load, the checks, and
/// the system taken down again.
/// </summary>
sealed class ChaosRun(string checkout, Home home, ChaosOptions options)
{
    readonly TimeProvider clock = TimeProvider.System;

    readonly SystemUnderTest system = SystemUnderTest.OfItsOwn(
        checkout,
        home,
        [new("NIGHTSHIFT_SCHEDULERS", "2"), new("NIGHTSHIFT_EXECUTORS", "2")]
    );

    /// <returns>0 when every promise was kept, else 1.</returns>
    public async Task<int> Run(CancellationToken cancellationToken)
    {
        await system.Down(); // what a run that was killed left behind
        try
        {
            await Prepare(cancellationToken);
            var report = await Disturb(cancellationToken);
            await system.Down();
            report = report with { Violations = [.. report.Violations, .. await Leftovers.AfterDown(home, clock)] };
            Console.WriteLine(report.ToText());
            return report.Violations.Count == 0 ? 0 : 1;
        }
        finally
        {
            await system.Down();
        }
    }

    async Task Prepare(CancellationToken cancellationToken)
    {
        await ChaosDags.Write(SystemUnderTest.Empty(home), cancellationToken);
        Say($"up after {await system.Up():0.0} s");
    }

    async Task<ChaosReport> Disturb(CancellationToken cancellationToken)
    {
        var (url, token) = await system.Credentials();
        using var gateway = new GatewayClient(url, token, new Secrets(home.Secrets).Get(Secrets.GitHubWebhookSecret));
        var addresses = ServiceProcesses.AddressesOf(home.Root);
        var load = new Load(gateway);
        var reader = new EventReader(addresses.Postgres);
        await gateway.CreatePool(ChaosDags.Pool, ChaosDags.PoolSlots, cancellationToken);
        await Readiness.Await(gateway, load, cancellationToken);

        var killer = new Killer(home, system, load, clock, Say);
        var pool = new PoolWatch(addresses.Postgres, clock);
        await UnderLoad(killer, load, reader, pool, cancellationToken);

        var seen = new Observation(
            killer.Disturbances,
            load.Runs,
            load.Deliveries,
            await reader.Read(cancellationToken),
            clock.GetUtcNow()
        );
        return ChaosReport.Of(
            options,
            seen,
            [
                .. killer.Violations,
                .. gateway.OddAnswers.Select(x => new Violation(
                    seen.CauseOf(x.At, x.At),
                    Promise.HonestAnswer,
                    x.Text
                )),
                .. pool.Excesses.Select(x => new Violation(
                    seen.CauseOf(x.At, x.At),
                    Promise.PoolHolds,
                    $"{x.Slots} slots were held of {ChaosDags.PoolSlots}"
                )),
                .. await Leftovers.OnEngine(addresses.Docker, named: "", clock, cancellationToken),
                .. await Leftovers.InDatabase(addresses.Postgres, clock, cancellationToken),
                .. await Readiness.BadStatus(gateway, clock, cancellationToken),
            ]
        );
    }

    async Task UnderLoad(
        Killer killer,
        Load load,
        EventReader reader,
        PoolWatch pool,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var loading = Task.WhenAll(load.Run(stop.Token, end.Token), pool.Run(end.Token));
        try
        {
            var plan = KillPlan.Make(options.Seed, options.Kills, options.Parts, options.Mixed);
            await killer.Work(plan, options.TimeLimit, cancellationToken);
            await stop.CancelAsync();
            Say($"no more load; waiting for the end of what is under way");
            await Drain.Await(reader, load, clock, cancellationToken);
        }
        finally
        {
            await end.CancelAsync();
            await Ended(loading);
        }
    }

    // What the load could not bring to an end is found in the streams.
    static async Task Ended(Task loading)
    {
        try
        {
            await loading;
        }
        catch (OperationCanceledException) { }
    }

    void Say(FormattableString line) =>
        Console.WriteLine(
            FormattableString.Invariant($"{clock.GetUtcNow():HH:mm:ss.fff} {FormattableString.Invariant(line)}")
        );
}
