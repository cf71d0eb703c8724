using System.Text;
using MassTransit;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Leases;
using Nightshift.Executor.Logs;
using Nightshift.Executor.Watch;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Partitions;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Status;

namespace Nightshift.Executor;

/// <summary>The executor's wiring.</summary>
public static class ExecutorService
{
    /// <summary>Containers that are restarted side by side.</summary>
    const int RestartsAtOnce = 8;

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
        var logs = AttemptLogTable.Weeks(TimeProvider.System);
        AddAttempts(service, logs);
        AddWatch(service);
        AddRetention(service, logs);
        service.Services.AddSingleton<IStatusReport, ExecutorStatus>();
        service
            .AddBackground<EngineProbe>()
            .AddBackground<EngineSession>()
            .AddBackground(x => x.GetRequiredService<ReadySignal>())
            .AddBackground<AttemptRunner>()
            .AddBackground(x => x.GetRequiredService<RunningAttemptReports>())
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

    static void AddAttempts(NightshiftService service, WeeklyTable logs)
    {
        service.AddAttempts();
        service
            .Services.AddSingleton<AttemptStore>()
            .AddSingleton<OpenAttempts>()
            .AddSingleton<AttemptClaims>()
            .AddSingleton<ReadySignal>()
            .AddSingleton<AttemptExecution>()
            .AddSingleton<AttemptFollowers>()
            .AddSingleton<RunningAttemptReports>()
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
                AttemptLogTable.Schema(logs),
            ])
        );
        // connected when the engine is known
        service.Bus(x => x.AddConsumer<StartAttemptConsumer>().ExcludeFromConfigureEndpoints());
        service.Bus(x => x.AddConsumer<StopAttemptConsumer>().ExcludeFromConfigureEndpoints());
    }

    // Attempts go as late as their runs, their logs earlier, containers when they are long gone. An open attempt keeps
    // its whole log, however old its beginning is: whoever adopts its container reads on from there.
    static void AddRetention(NightshiftService service, WeeklyTable logs)
    {
        var (attempts, containers) = (AttemptMessages.Stream.Prefix, WatchMessages.Stream.Prefix);
        service.Retain(
            "logs",
            logs,
            new("Logs", TimeSpan.FromDays(30)),
            keptWhile: "part.attempt_id in (select attempt_id from executor.open_attempt)"
        );
        service.Retain(
            new(
                "attempts",
                attempts,
                new("Runs", TimeSpan.FromDays(90)),
                [typeof(AttemptFinished)],
                new StreamRows("attempt_log", "attempt_id", WithPrefix: false)
            )
        );
        service.Retain(new("containers", containers, new("Cases", TimeSpan.FromDays(180)), [typeof(ContainerRemoved)]));
    }

    static void AddWatch(NightshiftService service)
    {
        service.AddWatch();
        service.Services.AddSingleton<ContainerEventLog>().AddSingleton<ContainerSnapshots>();
        // One restart of a container at a time: a repeat sees what the first one did.
        service.Bus(x =>
            x.AddConsumer<RestartContainerConsumer>(consumer =>
                    consumer.Message<Contracts.RestartContainer>(message =>
                        message.UsePartitioner(RestartsAtOnce, y => y.Message.Container, Encoding.UTF8)
                    )
                )
                .ExcludeFromConfigureEndpoints()
        );
    }
}
