using Nightshift.Executor;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Logs;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Status;

var service = await NightshiftService.Create("executor", args);
service.Services.AddOptions<ExecutorOptions>().BindConfiguration("Executor").ValidateDataAnnotations().ValidateOnStart();
service.Services.AddSingleton<IContainerEngine>(x => EngineSetup.Connect(service.Configuration["Nightshift:Docker"], x.GetRequiredService<TimeProvider>()));
service.Services.AddSingleton<EngineGate>().AddHealthChecks().AddCheck<EngineGate>("engine", tags: ["ready"]);
service.Services.AddSingleton<TaskSecrets>().AddSingleton<ImagePuller>().AddSingleton<ContainerLauncher>().AddSingleton<Leftovers>();
service.Services.AddSingleton<AttemptLogTable>().AddSingleton<LogSignals>().AddSingleton<LogCollector>();
service.Services.AddSingleton<AttemptQueue>().AddSingleton<OpenAttempts>().AddSingleton<AttemptLocks>().AddSingleton<AttemptExecution>();
service.Services.AddSingleton<IStatusReport, ExecutorStatus>();

service.AddAttempts();
service.Store(x => x.Storage.ExtendedSchemaObjects.AddRange([OpenAttempts.Schema(), AttemptLogTable.Schema()]));
service.Bus(x => x.AddConsumer<StartAttemptConsumer>().ExcludeFromConfigureEndpoints()); // connected when the engine is known
service.AddBackground<EngineSession>().AddBackground<AttemptRunner>();

await NightshiftService.Run(service.Build());
