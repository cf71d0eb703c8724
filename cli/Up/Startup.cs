using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Up;

/// <summary>Everything between an empty machine and six green services.</summary>
public sealed class Startup(Home home, Supervisor supervisor, ConsoleOutput output, TimeProvider clock)
{
    /// <summary>
    /// A start has no time limit that a slow machine would break; it tells now and then what it waits for.
    /// </summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>True to make a database that is a copy this installation's own.</summary>
    public bool Adopts { get; init; }

    /// <param name="services">False starts the foundation alone.</param>
    /// <returns>Where the infrastructure answers.</returns>
    /// <exception cref="ProblemException">Something is missing, or does not start.</exception>
    public async Task<Endpoints> Run(bool services, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource();
        var telling = Tell(over.Token);
        try
        {
            return await Start(services, cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
            await telling;
        }
    }

    async Task<Endpoints> Start(bool services, CancellationToken cancellationToken)
    {
        if (
            await OrphanProcesses.End(home, name => name != SupervisorLock.Name && !Foundation.Parts.Contains(name)) is
            { Count: > 0 } strays
        )
            output.Say($"Ended what an earlier run left behind: {string.Join(", ", strays)}.");
        var instances = ServiceInstances.Read(Environment.GetEnvironmentVariable);
        var ports = Ports.Settle(home, instances.FurtherPorts);
        foreach (var moved in ports.Moved)
            output.Say(moved);
        Access.Ensure(home, Services.Url(ports.Chosen), clock.GetUtcNow());
        var secrets = new Secrets(home.Secrets);
        foreach (var secret in Secrets.All)
            secrets.Get(secret);

        var (endpoints, build) = (default(Endpoints)!, "");
        await ParallelStartup.Run(
            [
                async c =>
                    endpoints = await Foundation.Start(
                        new InfrastructureContext(home, ports.Chosen, secrets, supervisor, output.Say),
                        c
                    ),
                async c => build = services ? await InstalledPrograms.Update(home, output.Say, c) : "",
            ],
            cancellationToken
        );
        await ParallelStartup.Run(
            [
                c => Toolbox.Require(home, endpoints.Docker, output.Say, c),
                c => services ? StartServices(ports.Chosen, endpoints, instances, build, c) : Task.CompletedTask,
            ],
            cancellationToken
        );
        return endpoints;
    }

    async Task StartServices(
        IReadOnlyDictionary<string, int> ports,
        Endpoints endpoints,
        ServiceInstances instances,
        string build,
        CancellationToken cancellationToken
    )
    {
        var migrate = !await DatabaseStamp.IsCurrent(
            endpoints.PostgresWithPassword,
            build,
            Services.WithDatabase,
            cancellationToken
        );
        var services = Services.Describe(home, ports, endpoints, instances, migrate, Adopts);
        await ParallelStartup.Run(
            services.Select<IReadOnlyList<Part>, Func<CancellationToken, Task>>(parts => c => StartInTurn(parts, c)),
            cancellationToken
        );
        if (migrate)
            await DatabaseStamp.Remember(endpoints.PostgresWithPassword, build, cancellationToken);
    }

    async Task StartInTurn(IReadOnlyList<Part> parts, CancellationToken cancellationToken)
    {
        foreach (var part in parts)
            await supervisor.Start(part, cancellationToken);
    }

    async Task Tell(CancellationToken over)
    {
        using var timer = new PeriodicTimer(Patience, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(over))
                if (supervisor.Awaited is { Count: > 0 } awaited)
                    output.Say($"Still waiting for {string.Join(", ", awaited)}; the logs are in {home.Logs}.");
        }
        catch (OperationCanceledException) { } // the start is over
    }
}
