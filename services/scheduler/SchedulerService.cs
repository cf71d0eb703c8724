using JasperFx.Events.Projections;
using MassTransit;
using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Status;
using Nightshift.Scheduler.Backfills;
using Nightshift.Scheduler.Bulk;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.EventLogs;
using Nightshift.Scheduler.Interventions;
using Nightshift.Scheduler.Pools;
using Nightshift.Scheduler.Requirements;
using Nightshift.Scheduler.Runs;
using Nightshift.Scheduler.Schedules;
using Nightshift.Scheduler.Status;
using Nightshift.Scheduler.Variables;
using Nightshift.Scheduler.Waiting;

namespace Nightshift.Scheduler;

/// <summary>The scheduler, put together.</summary>
public static class SchedulerService
{
    /// <summary>Builds it; the caller runs it.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="configure">Further registrations; later ones win.</param>
    public static async Task<WebApplication> Build(string[] args, Action<IServiceCollection>? configure = null)
    {
        var service = await NightshiftService.Create("scheduler", args);
        service.AddStream(Dag.Stream).AddTimers<TickTimers>();
        var slots = new SlotSignal();
        service.AddStream(RunStream.Definition with { RowsChanged = slots.Set }).AddTimers<RunTimers>();
        service.AddStream(Pool.Stream with { RowsChanged = slots.Set });
        service.AddPools(slots);
        service.AddVariables();
        service.Store(x => x.Projections.Add(new DagRowProjection(), ProjectionLifecycle.Inline));
        service.Store(x => x.Projections.Add(new TickCursorProjection(), ProjectionLifecycle.Inline));
        service.Store(x => x.Schema.For<TickCursor>());
        service.Store(x => x.Projections.Add(new RunRowProjection(), ProjectionLifecycle.Inline));
        service.Store(RunList.Add);
        service.Store(LoggedEvents.KeepIndexes);
        service.Store(x => x.Storage.ExtendedSchemaObjects.Add(WaitingRuns.Schema()));
        service.Retain(RunStream.Retention);
        service.AddStream(BackfillStream.Definition).AddTimers<BackfillTimers>();
        service.Store(x => x.Projections.Add(new BackfillRowProjection(), ProjectionLifecycle.Inline));
        service.Store(x =>
            x.AddList<BackfillRow>(
                [nameof(BackfillRow.CreatedAt), nameof(BackfillRow.DagId)],
                ["created_at"],
                ["dag_id", "created_at"]
            )
        );
        service.Store(x => x.Storage.ExtendedSchemaObjects.Add(BackfillCreation.Schema()));
        service.Retain(BackfillStream.Retention);
        DagTriggers.MapOutgoing(service.Outgoing);
        service.Store(x => x.Storage.ExtendedSchemaObjects.Add(DagFailures.Schema));
        RunStream.MapOutgoing(
            service.Outgoing,
            service.Values,
            new DagFailures(service.Database).IsAwaited,
            new RequiredDags(service.Database).IsAwaited
        );
        service.Actions.On<RunFinished>(e =>
            $"{RunStream.DagIdOf(RunStream.RunIdOf(e.StreamKey!))} {(e.Data.Outcome is RunOutcome.Succeeded ? "succeeded" : "failed")}"
        );
        service.Actions.On<DagPaused>(e =>
            e.Data.FailedRuns is { } runs
                ? $"{e.StreamKey![Dag.Stream.Prefix.Length..]} paused after {runs} failed runs"
                : null
        );
        service.Bus(x => x.AddConsumers(typeof(SchedulerService).Assembly));
        service
            .Services.AddOptions<DagFolderOptions>()
            .BindConfiguration("Nightshift")
            .ValidateDataAnnotations()
            .ValidateOnStart();
        service
            .Services.AddDiskSpace()
            .AddSingleton(DagFailures.Migration)
            .AddSingleton<DagFailures>()
            .AddSingleton<LaterSuccess>()
            .AddSingleton(RunList.Migration)
            .AddSingleton(LoggedEvents.Migration)
            .AddSingleton<EventLog>()
            .AddSingleton<RunDeletion>()
            .AddSingleton<BulkEntities>()
            .AddSingleton<DagCatalog>()
            .AddSingleton<TickCursors>()
            .AddSingleton<ContinuousRuns>()
            .AddSingleton<DagPublisher>()
            .AddSingleton<DagVersions>()
            .AddSingleton<DagList>()
            .AddSingleton<DagFolder>()
            .AddSingleton<RunStore>()
            .AddSingleton<TaskTries>()
            .AddSingleton<QueuedWork>()
            .AddSingleton<RunWatchdog>()
            .AddSingleton<RequiredDags>()
            .AddSingleton<RunAdmission>()
            .AddSingleton<PastRuns>()
            .AddSingleton<ConsecutiveFailures>()
            .AddSingleton<LatestRuns>()
            .AddSingleton<BackfillCreation>()
            .AddSingleton<BackfillRuns>()
            .AddSingleton<InterventionStore>()
            .AddSingleton<SelectedRuns>()
            .AddSingleton<DagDeletion>()
            .AddSingleton<WaitReader>()
            .AddSingleton<IStatusReport, SchedulerStatus>();
        service.Services.AddHealthChecks().AddCheck<DagFolder>("dags", tags: ["ready"]);
        service.AddBackground(x => x.GetRequiredService<DagFolder>());
        configure?.Invoke(service.Services);

        var app = service.Build();
        app.MapDags();
        app.MapDagList();
        app.MapDagPause();
        app.MapDagVersions();
        app.MapRuns();
        app.MapRunWait();
        app.MapRunDeletion();
        app.MapBulkRuns();
        app.MapBulkPools();
        app.MapBulkVariables();
        app.MapEventLogs();
        app.MapBackfills();
        app.MapInterventions();
        app.MapPools();
        app.MapVariables();
        app.MapWaiting();
        return app;
    }
}
