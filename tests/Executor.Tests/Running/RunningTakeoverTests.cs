using Microsoft.Extensions.DependencyInjection;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Leases;
using Nightshift.Executor.Logs;
using Nightshift.Plumbing.Installations;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Executor.Tests.Running;

[Collection("engine")]
public sealed class RunningTakeoverTests : IAsyncLifetime
{
    const string SlowTask =
        "i=0; while [ $i -lt 50 ]; do echo line $i; sleep 0.1; i=$((i+1)); done; echo '::output done=yes'";

    TestInfrastructure infrastructure = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        infrastructure = await TestInfrastructure.Prepare("takeover", Cancelled);

    public ValueTask DisposeAsync()
    {
        infrastructure?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_attempt_outlives_its_executor_and_the_next_one_takes_it_over()
    {
        var task = Tasks.Shell(SlowTask);
        await using (var first = await RunningExecutor.Start(infrastructure))
        {
            await first.Send(task);
            await foreach (var line in first.Get<LogReader>().Follow(task.AttemptId, Cancelled))
                if (line.Text == "line 3")
                    break;
        }
        await using var second = await RunningExecutor.Start(infrastructure);
        var ending = await second.Finished(task.AttemptId);
        Assert.True(ending.Succeeded, ending.ToString());
        Assert.Equal("yes", ending.Outputs["done"]);
        Assert.Equal(
            [.. Enumerable.Range(0, 50).Select(i => $"line {i}"), "::output done=yes"],
            await second.Text(task.AttemptId, "stdout")
        );
    }

    [Fact]
    public async Task One_that_ended_while_nobody_watched_is_settled_from_what_it_left()
    {
        var task = Tasks.Shell("echo before; sleep 1; echo after; exit 5");
        await using (var first = await RunningExecutor.Start(infrastructure))
        {
            await first.Send(task);
            await foreach (var line in first.Get<LogReader>().Follow(task.AttemptId, Cancelled))
                break;
        }
        using (var engine = Engines.EngineSetup.Connect(RunningExecutor.Docker, TimeProvider.System))
            await engine.WaitForExit(ContainerName.Of(task.AttemptId, Installation.Default), Cancelled);
        await using var second = await RunningExecutor.Start(infrastructure);
        var ending = await second.Finished(task.AttemptId);
        Assert.True(ending is { Reason: Reasons.Exit, ExitCode: 5 }, ending.ToString());
        Assert.Equal(["before", "after"], await second.Text(task.AttemptId, "stdout"));
        await second.Gone(ContainerName.Of(task.AttemptId, Installation.Default));
    }

    [Theory]
    [InlineData("echo began; sleep 1", Reasons.Completed)]
    [InlineData("echo began; sleep 600", Reasons.Timeout)]
    public async Task One_whose_time_passed_while_nobody_watched_has_timed_out_only_if_it_was_still_at_work(
        string script,
        string reason
    )
    {
        var task = Tasks.Shell(script);
        await using (var first = await RunningExecutor.Start(infrastructure))
        {
            await first.Send(task);
            await foreach (var line in first.Get<LogReader>().Follow(task.AttemptId, Cancelled))
                break;
            await first.In(task.AttemptId, AttemptPhase.Running);
        }
        if (reason == Reasons.Completed)
            using (var engine = Engines.EngineSetup.Connect(RunningExecutor.Docker, TimeProvider.System))
                await engine.WaitForExit(ContainerName.Of(task.AttemptId, Installation.Default), Cancelled);
        await using var second = await RunningExecutor.Start(
            infrastructure,
            x => x.AddSingleton<TimeProvider>(new Later(TimeSpan.FromHours(1)))
        );
        var ending = await second.Finished(task.AttemptId);
        Assert.True(ending.Reason == reason, ending.ToString());
    }

    /// <summary>A clock that is ahead.</summary>
    sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }

    [Fact]
    public async Task One_that_was_accepted_and_never_begun_is_run()
    {
        var (inTheWay, task) = (Tasks.Shell("sleep 3"), Tasks.Shell("echo ran"));
        await using (var first = await RunningExecutor.Start(infrastructure, "--Executor:Slots=1"))
        {
            await first.Send(inTheWay);
            await first.Send(task);
            await first.Accepted(task.AttemptId);
        }
        await using var second = await RunningExecutor.Start(infrastructure);
        Assert.True((await second.Finished(task.AttemptId)).Succeeded);
        Assert.Equal(["ran"], await second.Text(task.AttemptId, "stdout"));
        await second.Finished(inTheWay.AttemptId);
    }

    [Fact]
    public async Task One_whose_container_somebody_removed_meanwhile_is_not_run_again()
    {
        var task = Tasks.Shell("echo began; sleep 60");
        await using (var first = await RunningExecutor.Start(infrastructure))
        {
            await first.Send(task);
            await foreach (var line in first.Get<LogReader>().Follow(task.AttemptId, Cancelled))
                break;
            await first.In(task.AttemptId, AttemptPhase.Running);
        }
        using (var engine = Engines.EngineSetup.Connect(RunningExecutor.Docker, TimeProvider.System))
            await engine.Remove(ContainerName.Of(task.AttemptId, Installation.Default), Cancelled);
        await using var second = await RunningExecutor.Start(infrastructure);
        var ending = await second.Finished(task.AttemptId);
        Assert.True(ending is { Reason: Reasons.Engine, ExitCode: null }, ending.ToString());
        Assert.Equal(["began"], await second.Text(task.AttemptId, "stdout"));
    }

    [Fact]
    public async Task Two_executors_of_one_engine_run_each_attempt_once()
    {
        await using var one = await RunningExecutor.Start(infrastructure);
        await using var two = await RunningExecutor.Start(infrastructure);
        var tasks = Enumerable.Range(0, 12).Select(i => Tasks.Shell($"echo {i}; sleep 0.5")).ToList();
        await Task.WhenAll(tasks.Select(one.Send));
        await Task.WhenAll(tasks.Select(x => one.Finished(x.AttemptId)));
        for (var i = 0; i < tasks.Count; i++)
            Assert.Equal([$"{i}"], await two.Text(tasks[i].AttemptId, "stdout"));
        foreach (var executor in new[] { one, two })
            Assert.Empty(await executor.Get<OpenAttempts>().Of(executor.Get<ExecutorLease>().ExecutorId, Cancelled));
        foreach (var task in tasks)
            Assert.Single((await one.Events(task.AttemptId)).OfType<AttemptStarted>());
    }

    [Fact]
    public async Task A_secret_that_was_replaced_or_removed_meanwhile_harms_no_running_attempt_and_stays_masked()
    {
        await infrastructure.Secret("old", "first-value");
        await infrastructure.Secret("gone", "other-value");
        var task = Tasks.Shell(
            "echo began; while [ ! -e /work/go ]; do sleep 0.1; i=$((i+1)); [ $i -gt 20 ] && touch /work/go; done; "
                + "echo \"late $A $B\"",
            env: new() { ["A"] = "secret:old", ["B"] = "secret:gone" }
        );
        await using (var first = await RunningExecutor.Start(infrastructure))
        {
            await first.Send(task);
            await first.In(task.AttemptId, AttemptPhase.Running);
            Assert.Equal(1L, await Sealed(first));
        }
        await infrastructure.Secret("old", "second-value");
        await infrastructure.Secret("gone", value: null);
        await using var second = await RunningExecutor.Start(infrastructure);
        var ending = await second.Finished(task.AttemptId);
        Assert.True(ending.Succeeded, ending.ToString());
        Assert.Equal(["began", "late *** ***"], await second.Text(task.AttemptId, "stdout"));
        Assert.Equal(0L, await Sealed(second));
    }

    static async Task<object?> Sealed(RunningExecutor executor)
    {
        await using var count = executor
            .Get<NpgsqlDataSource>()
            .CreateCommand("select count(*) from executor.sealed_secrets where position('value'::bytea in sealed) = 0");
        return await count.ExecuteScalarAsync(Cancelled);
    }
}
