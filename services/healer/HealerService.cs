using JasperFx.Events.Projections;
using Nightshift.Healer.Cases;
using Nightshift.Healer.Containers;
using Nightshift.Healer.Dags;
using Nightshift.Healer.Policy;
using Nightshift.Healer.Tasks;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Status;

namespace Nightshift.Healer;

/// <summary>Puts the healer together.</summary>
public static class HealerService
{
    /// <summary>Builds it, ready to run.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="name">Database schema and prefix of its queues; another name makes another, separate
    /// healer.</param>
    public static async Task<WebApplication> Build(string[] args, string name = "healer")
    {
        var service = await NightshiftService.Create(name, args);
        service
            .Services.AddOptions<HealingPolicy>()
            .BindConfiguration("Healing")
            .ValidateDataAnnotations()
            .ValidateOnStart();
        service
            .Services.AddSingleton<DecisionContextReader>()
            .AddSingleton<CaseStore>()
            .AddSingleton<IStatusReport, CaseStatus>();
        service
            .AddStream(CaseStream.Definition)
            .AddTimers<CaseTimers>()
            .Store(x =>
            {
                x.Projections.Add<CaseRowProjection>(ProjectionLifecycle.Inline);
                x.Schema.For<CaseRow>().Index(row => row.AwaitedDag!);
                x.AddList<CaseRow>(
                    [nameof(CaseRow.UpdatedAt), nameof(CaseRow.State)],
                    ["updated_at"],
                    ["state", "updated_at"]
                );
            });
        service.Bus(x =>
        {
            x.AddConsumer<TaskUpForRetryConsumer>();
            x.AddConsumer<TaskFailedConsumer>();
            x.AddConsumer<TaskRecoveredConsumer>();
            x.AddConsumer<RunSucceededConsumer>();
            x.AddConsumer<RunFailedConsumer>();
            x.AddConsumer<TaskHealingFailedConsumer>();
            x.AddConsumer<TasksTakenOverConsumer>();
            x.AddConsumer<ContainerFailedConsumer>();
            x.AddConsumer<ContainerHealthyConsumer>();
            x.AddConsumer<ContainerRemovedConsumer>();
            x.AddConsumer<ContainerStoppedConsumer>();
            x.AddConsumer<ContainerRestartFailedConsumer>();
        });
        service.Retain(
            new(
                "cases",
                CaseStream.Prefix,
                new("Cases", TimeSpan.FromDays(180)),
                [typeof(HealingVerified), typeof(HealingWithdrawn), typeof(SubjectRemoved), typeof(SubjectStopped)],
                new StreamRows("mt_doc_caserow", "id")
            )
        );
        MapOutgoing(service.Outgoing);
        Describe(service.Actions);
        var app = service.Build();
        app.MapCases();
        return app;
    }

    static void MapOutgoing(OutgoingMap tell) =>
        tell.On<MemoryRaiseStarted>(e =>
                [
                    new(
                        new Contracts.RetryTask(
                            e.Data.Subject,
                            e.Data.TaskId,
                            e.Data.Attempt,
                            e.Data.ToMiB,
                            e.Data.Target
                        ),
                        "scheduler-retry-task"
                    ),
                ]
            )
            .On<RestartStarted>(e =>
                [
                    new(
                        new Contracts.RestartContainer(e.Data.Target, e.Data.Subject, e.Data.Incarnation),
                        Contracts.ExecutorQueue.OfEngine(e.Data.Engine)
                    ),
                ]
            )
            .Publish<HealingFailed>(e => Failed(e.Data))
            .Publish<SubjectRemoved>(e => e.Data.Escalated ? Recovered(e.Data, e.Data.Summary) : null)
            .Publish<SubjectStopped>(e => e.Data.Escalated ? Recovered(e.Data, e.Data.Summary) : null)
            .Publish<HealingVerified>(e =>
                e.Data.Escalated && TaskTarget.Parse(e.Data.Target) is null ? Recovered(e.Data, e.Data.Summary) : null
            );

    // What healing of a task gave up on concerns its run; everything else a person.
    static object Failed(HealingFailed x) =>
        TaskTarget.Parse(x.Target) is var (dag, task)
            ? new Contracts.TaskHealingFailed(dag, x.Subject, task, x.Turn, x.Why, x.At)
            : new Contracts.HealingFailed(
                x.Target,
                x.CauseId,
                x.Summary,
                x.Why,
                x.Target,
                x.At,
                DagTarget.Is(x.Target) ? x.Subject : null,
                x.Tasks
            );

    static Contracts.HealingVerified Recovered(CaseEvent x, string summary) => new(x.Target, summary, x.Target, x.At);

    // A restart counts as done once it has been verified; a raise is done when it is decided.
    static void Describe(ActionWords actions) =>
        actions
            .On<MemoryRaiseStarted>(e => CaseRowProjection.Words(e.Data))
            .On<HealingVerified>(e =>
                e.Data.Target.StartsWith("container.", StringComparison.Ordinal) && e.Data.Tries > 0
                    ? $"Restarted {e.Data.Subject}"
                    : null
            )
            .On<HealingFailed>(e =>
                TaskTarget.Parse(e.Data.Target) is null
                    ? $"Gave up on {CaseRowProjection.NameOf(e.Data.Target)}: {e.Data.Why}"
                    : null
            );
}
