using System.Net;
using MassTransit;
using Nightshift.Contracts;
using Nightshift.Healer.Cases;
using Nightshift.Plumbing.Status;
using Nightshift.Testing;

namespace Nightshift.Healer.Tests.Running;

/// <summary>
/// Real PostgreSQL, real RabbitMQ; the scheduler's, the executor's and escalation's ends are held by the test.
/// </summary>
public sealed class HealerTests : IAsyncLifetime
{
    readonly string name = $"healer_{Guid.NewGuid():N}"[..20];
    readonly string dag = $"d{Guid.NewGuid():N}"[..10];
    readonly string web = $"web-{Guid.NewGuid():N}"[..12];
    readonly string engine = $"{Guid.NewGuid():N}"[..8];
    readonly Ear<RetryTask> scheduler = new();
    readonly Ear<RestartContainer> executor = new();
    readonly Ear<Contracts.HealingFailed> gaveUp = new();
    readonly Ear<Contracts.HealingVerified> verified = new();
    TestInfrastructure infrastructure = null!;
    IBusControl others = null!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    string Run => RunOf(1);

    string RunOf(int number) => $"manual__{dag}__{number}";

    static DateTimeOffset Queued(int number) => DateTimeOffset.UnixEpoch.AddDays(number);

    string Task => $"task.{dag}.load";

    string Dag => $"dag.{dag}";

    string Web => $"container.{web}";

    public async ValueTask InitializeAsync()
    {
        infrastructure = await TestInfrastructure.Prepare("healer", Stop);
        others = infrastructure.Bus(x =>
        {
            x.ReceiveEndpoint("scheduler-retry-task", scheduler.Attach);
            x.ReceiveEndpoint($"executor-engine-{engine}", executor.Attach);
            x.ReceiveEndpoint(
                $"{name}-ears",
                y =>
                {
                    gaveUp.Attach(y);
                    verified.Attach(y);
                }
            );
        });
        await others.StartAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (others is not null)
            await others.StopAsync(CancellationToken.None);
        infrastructure?.Dispose();
    }

    Task<RunningService> Start(params string[] settings) => RunningHealer.Start(infrastructure, name, settings);

    Task Say(object message) => others.Publish(message, Stop);

    Task Killed(int attempt, int memory) =>
        Say(new TaskUpForRetry(dag, Run, "load", attempt, "oom", "", memory, Now.AddMinutes(1), Now));

    RunFailed Failed(string run, params string[] tasks) =>
        new(
            dag,
            run,
            1,
            Queued(run[^1] - '0'),
            Queued(run[^1] - '0'),
            [.. tasks.Select(x => new FailedTask(x, 1, "exit", "exit code 1", 128))],
            tasks.Length,
            Now
        );

    Task Exited(int incarnation) => Say(new ContainerFailed(engine, web, incarnation, "exited", 137, Now));

    Task Healthy(int incarnation, bool check = true) => Say(new ContainerHealthy(engine, web, incarnation, check, Now));

    [Fact]
    public async Task What_a_person_takes_over_is_left_alone()
    {
        await using var healer = await Start();
        await Killed(1, 128);
        await scheduler.Next(x => x.RunId == Run);
        await Say(Failed(Run) with { FailedTasks = [new("load", 1, "oom", "", 128)], FailedCount = 1 });
        await healer.Until(Dag, "waiting");
        await Say(new TasksTakenOver(dag, Run, ["other"], "cleared by anna", Now));
        await Say(new TasksTakenOver(dag, Run, ["load"], "cleared by anna", Now));
        Assert.Equal($"{dag}.load was cleared by anna in {Run}", (await healer.Until(Task, "well")).Summary);
        Assert.Equal(0, (await healer.Until(Dag, "well")).GivenUp);
    }

    [Fact]
    public async Task A_task_killed_for_memory_is_retried_with_more_until_it_succeeds()
    {
        await using var healer = await Start();
        await Killed(1, 128);
        await Killed(1, 128); // told twice
        var retry = await scheduler.Next(x => x.RunId == Run);
        Assert.Equal(new RetryTask(Run, "load", 1, 256, Task), retry);
        await Killed(2, 256);
        Assert.Equal(512, (await scheduler.Next(x => x.RunId == Run)).MemoryMiB);
        Assert.Equal($"Healing {dag}.load", (await healer.Get<ServiceStatus>("/internal/status")).State);

        await Say(new TaskRecovered(dag, Run, "load", 3, 512, Now));
        var row = await healer.Until(Task, "well");
        Assert.Equal((2, 2, 1, 0), (row.Failures, row.Actions, row.Verified, row.GivenUp));
        var status = await healer.Get<ServiceStatus>("/internal/status");
        Assert.Equal(("Running", true), (status.State, status.Ok));
        Assert.Equal(
            [
                $"Raised memory of {dag}.load to 512 MiB and retried it",
                $"Raised memory of {dag}.load to 256 MiB and retried it",
            ],
            status.Actions.Select(x => x.Text)
        );
    }

    [Fact]
    public async Task A_run_whose_tasks_cannot_be_helped_is_one_call_for_a_person()
    {
        await using var healer = await Start();
        string[] tasks = [.. Enumerable.Range(1, 9).Select(i => $"t{i}")];
        foreach (var task in tasks)
            await Say(new TaskFailed(dag, Run, task, 1, "exit", "exit code 1", 128, Now));
        await Say(Failed(Run, tasks));
        await Say(Failed(Run, tasks)); // published twice
        var failed = await gaveUp.Next(x => x.Target == Dag);
        Assert.Equal(($"{Run}@1", Dag, Run), (failed.CauseId, failed.CaseId, failed.RunId));
        Assert.Equal(tasks, failed.Tasks);
        Assert.Equal("t1: there is no remedy for a task that ended with 'exit'", failed.Why);
        await Say(Failed(RunOf(2), "t1"));
        // the next call about this DAG is the next run's
        Assert.Equal(RunOf(2), (await gaveUp.Next(x => x.Target.Contains(dag, StringComparison.Ordinal))).RunId);
        await healer.Until($"task.{dag}.t9", "given-up");
    }

    [Fact]
    public async Task A_run_that_is_reopened_and_succeeds_is_published_to_work()
    {
        await using var healer = await Start();
        await Say(Failed(Run, "load"));
        await gaveUp.Next(x => x.Target == Dag);
        await Say(new TaskRecovered(dag, Run, "load", 4, 128, Now));
        await Say(new RunSucceeded(dag, Run, Queued(1), Queued(1), Now));
        Assert.Equal($"{dag} works again: run {Run} succeeded", (await verified.Next(x => x.Target == Dag)).Summary);
        await healer.Until(Dag, "well");
        await healer.Until(Task, "well");
    }

    [Fact]
    public async Task A_raise_that_got_lost_ends_with_a_person()
    {
        await using var healer = await Start("--Healing:RaiseWithin=00:00:01");
        await Say(Failed(Run, "load") with { FailedTasks = [new("load", 1, "oom", "", 128)] });
        await scheduler.Next(x => x.RunId == Run); // and nothing comes of it
        Assert.Equal(
            "load: nothing was heard of its retry with more memory within 00:00:01",
            (await gaveUp.Next(x => x.Target == Dag)).Why
        );
    }

    [Fact]
    public async Task A_DAG_that_failed_is_published_to_work_when_a_later_run_succeeds_and_not_by_an_older_one()
    {
        await using var healer = await Start();
        await Say(Failed(RunOf(2), "load"));
        await Say(new RunFailed($"{dag}-2", Run, 1, Queued(1), Queued(1), [], 0, Now)); // another DAG's stays
        await healer.Until(Dag, "given-up");
        await healer.Until(Task, "given-up");
        await healer.Until($"{Dag}-2", "given-up");
        await Say(new RunSucceeded(dag, Run, Queued(1), Queued(1), Now)); // older, and ends later
        await Say(new RunSucceeded(dag, RunOf(3), Queued(3), Queued(3), Now));
        Assert.Equal(
            $"{dag} works again: run {RunOf(3)} succeeded",
            (await verified.Next(x => x.Target == Dag)).Summary
        );
        await healer.Until(Dag, "well");
        await healer.Until(Task, "well");
        await healer.Until($"{Dag}-2", "given-up");
    }

    [Fact]
    public async Task A_container_that_is_stopped_on_request_is_nobodys_business()
    {
        await using var healer = await Start();
        await Exited(1);
        await executor.Next(_ => true);
        await Say(new ContainerStopped(engine, web, 2, Now));
        Assert.True(
            await healer.Until(Web, "well") is { GivenUp: 0 } row && row.Summary == $"{web} was stopped on request"
        );
    }

    [Fact]
    public async Task A_container_is_restarted_and_watched_until_it_is_healthy()
    {
        await using var healer = await Start();
        await Healthy(1);
        await Exited(1);
        Assert.Equal(new RestartContainer(Web, web, 1), await executor.Next(_ => true));
        await Healthy(2);
        await healer.Until(Web, "well");
        Assert.Equal(
            [$"Restarted {web}"],
            (await healer.Get<ServiceStatus>("/internal/status")).Actions.Select(x => x.Text)
        );
        Assert.Equal(2, (await healer.Get<CaseDetail>($"/api/v2/healing/{Web}")).Case[web].Turn);
        using var unknown = await healer.Http.GetAsync("/api/v2/healing/container.nothing", Stop);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Each_endpoint_asks_for_its_role()
    {
        await using var healer = await Start();
        EndpointPolicies.Verify(healer, name, "GET /api/v2/healing Viewer", "GET /api/v2/healing/{target} Viewer");
    }

    [Fact]
    public async Task A_container_that_ends_and_is_then_removed_is_nobodys_business()
    {
        await using var healer = await Start();
        await Exited(1);
        await executor.Next(_ => true);
        await Say(new ContainerRemoved(engine, web, 1, Now));
        Assert.True(await healer.Until(Web, "well") is { GivenUp: 0 } row && row.Summary == $"{web} was removed");
    }

    [Fact]
    public async Task A_container_without_a_health_check_is_believed_once_it_has_kept_running()
    {
        await using var healer = await Start("--Healing:StableFor=00:00:00.3");
        await Exited(1);
        await executor.Next(_ => true);
        await Healthy(2, check: false);
        Assert.Equal(1, (await healer.Until(Web, "well")).Verified);
    }

    [Fact]
    public async Task Restarts_that_do_not_help_wait_longer_and_end_with_a_person_even_across_restarts_of_the_healer()
    {
        string[] settings =
        [
            "--Healing:VerifyWithin=00:00:01",
            "--Healing:BackOff=00:00:00.2",
            "--Healing:MaxActionsPerTargetPerHour=2",
        ];
        await using (await Start(settings))
        {
            await Exited(1);
            Assert.Equal(1, (await executor.Next(_ => true)).Incarnation);
        }
        await using var healer = await Start(settings); // nothing is heard of the restart: its time runs out
        // the first command may come once more: the relay tells at least once
        await executor.Next(x => x.Incarnation == 2);
        var failed = await gaveUp.Next(x => x.Target == Web);
        Assert.Equal(
            "it was not healthy within 1 s of its restart, and the budget of 2 actions per hour on this target is used up",
            failed.Why
        );
        Assert.Equal("given-up", (await healer.Until(Web, "given-up")).State);
    }

    [Fact]
    public async Task A_global_budget_is_counted_over_all_targets()
    {
        await using var healer = await Start("--Healing:GlobalMaxActionsPerHour=1");
        await Exited(1);
        await executor.Next(_ => true);
        await Say(Failed(Run, "load") with { FailedTasks = [new("load", 1, "oom", "", 128)] });
        Assert.Equal(
            "load: the budget of 1 action per hour on all targets together is used up",
            (await gaveUp.Next(x => x.Target == Dag)).Why
        );
    }
}
