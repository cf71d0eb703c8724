using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Leases;
using Nightshift.Executor.Logs;
using Nightshift.Executor.Watch;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Status;

namespace Nightshift.Executor;

/// <summary>The executor's wiring.</summary>
public static class ExecutorService
{
    /// <summary>Puts the service together; it is not started yet.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="configure">Further registrations; later ones win.</param>
    public static async Task<WebApplication> Build(string[] args, Action<IServiceCollection>? configure = null)
    {
        var service = await NightshiftService.Create("executor", args);
        service
            .Services.AddOptions<ExecutorOptions>()
            .BindConfiguration("Executor")
            .ValidateDataAnnotations()
            .ValidateOnStart();
        AddEngine(service);
        AddAttempts(service);
        AddWatch(service);
        service.Services.AddSingleton<IStatusReport, ExecutorStatus>();
        service
            .AddBackground<EngineProbe>()
            .AddBackground<EngineSession>()
            .AddBackground(x => x.GetRequiredService<ReadySignal>())
            .AddBackground<AttemptRunner>()
            .AddBackground<ContainerWatcher>();
        configure?.Invoke(service.Services);
        var app = service.Build();
        app.MapLogs();
        return app;
    }

    static void AddEngine(NightshiftService service)
    {
        var endpoint = service.Configuration["Nightshift:Docker"];
        service.Services.AddSingleton<IContainerEngine>(x =>
            EngineSetup.Connect(endpoint, x.GetRequiredService<TimeProvider>())
        );
        service.Services.AddSingleton(x => new EngineClaim(endpoint, x.GetRequiredService<Installation>()));
        service
            .Services.AddSingleton<EngineGate>()
            .AddHealthChecks()
            .AddCheck<EngineGate>("engine", tags: ["ready"])
            .AddCheck<EngineClaim>("engine-claim", tags: ["ready"]);
    }

    static void AddAttempts(NightshiftService service)
    {
        service.AddAttempts();
        service
            .Services.AddSingleton<AttemptStore>()
            .AddSingleton<OpenAttempts>()
            .AddSingleton<AttemptClaims>()
            .AddSingleton<ReadySignal>()
            .AddSingleton<AttemptExecution>()
            .AddSingleton<AttemptFollowers>()
            .AddSingleton<SealedSecrets>();
        service.Services.AddSingleton<LeaseTable>().AddSingleton<ExecutorLease>().AddSingleton<AttemptRecovery>();
        service
            .Services.AddSingleton<TaskSecrets>()
            .AddSingleton<ImagePuller>()
            .AddSingleton<ContainerLauncher>()
            .AddSingleton<ContainerWait>()
            .AddSingleton<OrphanedContainers>();
        service
            .Services.AddSingleton<AttemptLogTable>()
            .AddSingleton<LogSignals>()
            .AddSingleton<LogCollector>()
            .AddSingleton<LogReader>();
        service.Store(x =>
            x.Storage.ExtendedSchemaObjects.AddRange([
                OpenAttempts.Schema(),
                LeaseTable.Schema(),
                SealedSecrets.Schema(),
                AttemptLogTable.Schema(),
            ])
        );
        // connected when the engine is known
        service.Bus(x => x.AddConsumer<StartAttemptConsumer>().ExcludeFromConfigureEndpoints());
    }

    static void AddWatch(NightshiftService service)
    {
        service.AddWatch();
        service.Services.AddSingleton<ContainerSnapshots>();
        service.Bus(x => x.AddConsumer<RestartContainerConsumer>().ExcludeFromConfigureEndpoints());
    }
}
