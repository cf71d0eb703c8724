using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Logs;
using Nightshift.Executor.Watch;
using Nightshift.Plumbing.Hosting;
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
        service.AddBackground<EngineSession>().AddBackground<AttemptRunner>().AddBackground<ContainerWatcher>();
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
        service.Services.AddSingleton<EngineGate>().AddHealthChecks().AddCheck<EngineGate>("engine", tags: ["ready"]);
    }

    static void AddAttempts(NightshiftService service)
    {
        service.AddAttempts();
        service
            .Services.AddSingleton<AttemptQueue>()
            .AddSingleton<OpenAttempts>()
            .AddSingleton<AttemptLocks>()
            .AddSingleton<AttemptExecution>();
        service
            .Services.AddSingleton<TaskSecrets>()
            .AddSingleton<ImagePuller>()
            .AddSingleton<ContainerLauncher>()
            .AddSingleton<OrphanedContainers>();
        service
            .Services.AddSingleton<AttemptLogTable>()
            .AddSingleton<LogSignals>()
            .AddSingleton<LogCollector>()
            .AddSingleton<LogReader>();
        var partitions = AttemptLogPartitions.Weekly(TimeProvider.System);
        service.Services.AddSingleton(partitions).AddSingleton<AttemptLogPartitions>();
        service.Store(x =>
            x.Storage.ExtendedSchemaObjects.AddRange([OpenAttempts.Schema(), AttemptLogTable.Schema(partitions)])
        );
        service.AddBackground(x => x.GetRequiredService<AttemptLogPartitions>());
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
