using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Contracts;
using Nightshift.Plumbing.Auth;
using Nightshift.Scheduler;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Executor.Tests.Running;

/// <summary>Scheduler and executor, and a broker that forgets everything in between.</summary>
[Collection("engine")]
public sealed class LostMessagesTests
{
    const int Runs = 20;
    const int TasksPerRun = 10;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A clock that can be put forward.</summary>
    sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }

    [Fact]
    public async Task Every_run_ends_although_all_queues_were_deleted_with_200_attempts_in_flight()
    {
        using var infrastructure = await TestInfrastructure.Prepare("lost", Cancelled);
        var (queue, clock) = (infrastructure.Postgres.Database!.Replace('_', '-'), new Clock());
        var folder = Directory.CreateTempSubdirectory("nightshift-test-");
        var tasks = string.Join(", ", Enumerable.Range(0, TasksPerRun).Select(i => $"t{i}: {{ noop: true }}"));
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "wide.yaml"),
            $"{{ dag: wide, defaults: {{ queue: {queue} }}, tasks: {{ {tasks} }} }}",
            Cancelled
        );
        await using var scheduler = await RunningService.Start(
            await SchedulerService.Build(
                infrastructure.Arguments($"--Nightshift:DagsDirectory={folder}", "--Logging:LogLevel:Default=Critical"),
                x => x.AddSingleton<TimeProvider>(clock)
            ),
            Role.Operator,
            Cancelled
        );
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/wide", token)).IsSuccessStatusCode,
            "the DAG to be live",
            Cancelled
        );
        for (var i = 0; i < Runs; i++)
            (
                await scheduler.Http.PostAsJsonAsync("/api/v2/dags/wide/dagRuns", new { }, Cancelled)
            ).EnsureSuccessStatusCode();

        // 200 commands wait for an executor; then nobody has ever heard of them.
        await infrastructure.Waiting(ExecutorQueue.OfTasks(queue), Runs * TasksPerRun, Cancelled);
        string[] queues =
        [
            ExecutorQueue.OfTasks(queue),
            "scheduler-attempt-started",
            "scheduler-attempt-finished",
            "scheduler-retry-task",
        ];
        foreach (var name in queues)
            await infrastructure.DeleteQueue(name, Cancelled);

        await using var executor = await RunningExecutor.Start(infrastructure);
        for (var minute = 1; await Open(scheduler) > 0; minute++)
        {
            clock.Ahead = minute * RunWatchdog.Period;
            await using var due = scheduler
                .Get<NpgsqlDataSource>()
                .CreateCommand("update scheduler.timer set due_at = clock_timestamp() where purpose = 'watchdog'");
            await due.ExecuteNonQueryAsync(Cancelled);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancelled); // a minute, for the watchdogs
            Assert.InRange(minute, 1, 120);
        }
        folder.Delete(recursive: true);
    }

    static async Task<int> Open(RunningService scheduler)
    {
        var page = await scheduler.Http.GetFromJsonAsync<JsonElement>("/api/v2/dags/wide/dagRuns?limit=100", Cancelled);
        var states = page.GetProperty("dag_runs")
            .EnumerateArray()
            .Select(x => x.GetProperty("state").GetString())
            .ToList();
        Assert.Equal(Runs, states.Count);
        return states.Count(x => x != "success");
    }
}
