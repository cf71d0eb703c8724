using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Installations;
using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

/// <summary>Who is granted what, and when an engine that cannot be used is granted nothing.</summary>
[Collection("engine")]
public sealed class RunningGrantTests : IAsyncLifetime
{
    readonly LeavingEngine engine = new();
    TestInfrastructure infrastructure = null!;
    RunningExecutor executor = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        infrastructure = await TestInfrastructure.Prepare("grants", Cancelled);
        executor = await RunningExecutor.Start(
            infrastructure,
            x => x.AddSingleton<IContainerEngine>(engine),
            "--Executor:Slots=1"
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (executor is not null)
            await executor.DisposeAsync();
        engine.Dispose();
        infrastructure?.Dispose();
    }

    [Fact]
    public async Task The_larger_priority_is_granted_first_and_then_the_older()
    {
        var first = Tasks.Shell("sleep 2");
        int[] priorities = [1, 5, 5];
        var waiting = priorities.Select(x => Tasks.Shell("true") with { Priority = x }).ToList();
        await executor.Send(first);
        await executor.In(first.AttemptId, AttemptPhase.Granted);
        foreach (var task in waiting)
        {
            await executor.Send(task);
            await executor.Accepted(task.AttemptId);
        }
        foreach (var task in waiting)
            await executor.Finished(task.AttemptId);
        var granted = await Task.WhenAll(waiting.Select(async x => (await Grant(x.AttemptId)).At));
        Assert.Equal([granted[1], granted[2], granted[0]], granted.Order());
    }

    [Fact]
    public async Task A_new_executor_is_granted_what_waits_for_another()
    {
        var (busy, waits) = (Tasks.Shell("sleep 30"), Tasks.Shell("true"));
        await executor.Send(busy);
        await executor.In(busy.AttemptId, AttemptPhase.Running);
        await executor.Send(waits);
        await executor.Accepted(waits.AttemptId);
        using var otherEngine = new LeavingEngine("other-engine");
        await using var other = await RunningExecutor.Start(
            infrastructure,
            x => x.AddSingleton<IContainerEngine>(otherEngine)
        );
        Assert.True((await other.Finished(waits.AttemptId)).Succeeded);
        Assert.Equal("other-engine", (await Grant(waits.AttemptId)).Grant.Engine);
        await engine.Remove(ContainerName.Of(busy.AttemptId, Installation.Default), Cancelled);
        await executor.Finished(busy.AttemptId);
    }

    [Fact]
    public async Task The_slots_of_an_engine_are_never_exceeded_by_however_many_executors()
    {
        await using var second = await RunningExecutor.Start(infrastructure, "--Executor:Slots=1");
        var tasks = Enumerable.Range(0, 6).Select(_ => Tasks.Shell("true")).ToList();
        foreach (var task in tasks)
            await executor.Send(task);
        var used = new List<(DateTimeOffset At, int Change)>();
        foreach (var task in tasks)
        {
            await executor.Finished(task.AttemptId);
            used.Add(((await Grant(task.AttemptId)).At, +1));
            used.Add(((await executor.Events(task.AttemptId)).OfType<AttemptFinished>().Single().At, -1));
        }
        var now = 0;
        foreach (var (_, change) in used.Order())
            Assert.InRange(now += change, 0, 1);
    }

    [Fact]
    public async Task An_engine_that_stops_confining_gets_no_task_until_it_confines_again()
    {
        await executor.Ready(HttpStatusCode.OK);
        engine.LimitsMemory = false;
        var task = Tasks.Shell("echo ran");
        await executor.Send(task);
        await executor.Ready(HttpStatusCode.ServiceUnavailable);
        Assert.IsType<EngineState.Refused>(executor.Get<EngineGate>().State);
        Assert.Contains("cannot limit memory", (await executor.Status()).State, StringComparison.Ordinal);
        await Eventually.Is(
            async _ => (await executor.Events(task.AttemptId))[^1] is AttemptGrantRevoked,
            "the attempt to be given back",
            Cancelled
        );
        Assert.Equal(0, engine.Created);
        engine.LimitsMemory = true;
        Assert.True((await executor.Finished(task.AttemptId)).Succeeded);
    }

    [Fact]
    public async Task Looking_changes_nothing_while_the_engine_is_slow_to_describe_itself()
    {
        await executor.Ready(HttpStatusCode.OK);
        var answer = new TaskCompletionSource();
        engine.InfoAnswers = answer.Task;
        for (var i = 0; i < 3; i++)
            Assert.True((await executor.Status()).Ok);
        Assert.Equal(1, executor.Get<EngineGate>().Arrivals);
        await executor.Ready(HttpStatusCode.OK);
        answer.SetResult();
    }

    [Fact]
    public async Task A_fault_of_the_executor_itself_that_comes_each_time_ends_the_attempt()
    {
        engine.Defect = new InvalidOperationException("half of \ud83d\nand more");
        var ending = await executor.Run(Tasks.Shell("true"));
        Assert.True(ending is { Reason: Reasons.Engine, Infrastructure: true }, ending.ToString());
        Assert.Equal(
            "The executor failed 5 times in a row: InvalidOperationException: half of \ufffd and more",
            ending.Detail
        );
        engine.Defect = null;
        Assert.True((await executor.Run(Tasks.Shell("true"))).Succeeded);
    }

    async Task<AttemptGranted> Grant(string attemptId) =>
        (await executor.Events(attemptId)).OfType<AttemptGranted>().Last();
}
