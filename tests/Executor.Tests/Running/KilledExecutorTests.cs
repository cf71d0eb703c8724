using System.Diagnostics;
using Nightshift.Contracts;
using Nightshift.Executor.Attempts;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Executor.Tests.Running;

/// <summary>An executor that is killed as a process, and one that is started after it.</summary>
[Collection("engine")]
public sealed class KilledExecutorTests(ITestOutputHelper output)
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_next_executor_goes_on_at_once_with_what_a_killed_one_left()
    {
        using var infrastructure = await TestInfrastructure.Prepare("killed", Cancelled);
        var queue = infrastructure.Postgres.Database!.Replace('_', '-');
        var task = Tasks.Shell("echo began; sleep 8; echo ended") with { Queue = queue };
        using (var killed = Start(infrastructure, queue))
        {
            try
            {
                await Send(infrastructure, task, queue);
                await Runs(infrastructure);
            }
            finally
            {
                killed.Kill();
                await killed.WaitForExitAsync(CancellationToken.None);
            }
        }
        await using var next = await RunningExecutor.Start(infrastructure);
        var startedAt = TimeProvider.System.GetUtcNow();
        Assert.True((await next.Finished(task.AttemptId)).Succeeded);
        var takenOver = (await next.Events(task.AttemptId)).OfType<AttemptGranted>().Last();
        Assert.Equal(2, takenOver.Grant.Number);
        output.WriteLine($"taken over {(takenOver.At - startedAt).TotalSeconds:0.00} s after the start");
        Assert.Equal(["began", "ended"], await next.Text(task.AttemptId, "stdout"));
    }

    static Process Start(TestInfrastructure infrastructure, string queue) =>
        Process.Start(
            new ProcessStartInfo(
                "dotnet",
                [
                    Path.Combine(AppContext.BaseDirectory, "Nightshift.Executor.dll"),
                    .. infrastructure.Arguments(
                        $"--Nightshift:Docker={RunningExecutor.Docker}",
                        $"--Executor:Queues:0={queue}",
                        "--Logging:LogLevel:Default=Critical"
                    ),
                ]
            )
        )!;

    static async Task Send(TestInfrastructure infrastructure, StartAttempt task, string queue)
    {
        var bus = infrastructure.Bus();
        await bus.StartAsync(Cancelled);
        var endpoint = await bus.GetSendEndpoint(new Uri($"queue:{ExecutorQueue.OfTasks(queue)}"));
        await endpoint.Send(task, Cancelled);
        await bus.StopAsync(Cancelled);
    }

    static async Task Runs(TestInfrastructure infrastructure)
    {
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await Eventually.Is(
            async token =>
            {
                try
                {
                    await using var count = database.CreateCommand(
                        "select count(*) from executor.mt_events where type = 'attempt_started'"
                    );
                    return await count.ExecuteScalarAsync(token) is 1L;
                }
                catch (PostgresException) // the schema is not there yet
                {
                    return false;
                }
            },
            "the task to run",
            Cancelled
        );
    }
}
