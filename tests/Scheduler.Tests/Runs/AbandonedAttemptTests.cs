using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;
using MassTransit;
using Nightshift.Contracts;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>A command to stop an attempt that the broker has lost.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class AbandonedAttemptTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_attempt_that_is_reported_to_run_although_it_was_cancelled_is_stopped_again()
    {
        using var infrastructure = await TestInfrastructure.Prepare("abandoned", Cancelled);
        var queue = infrastructure.Postgres.Database!.Replace('_', '-');
        var folder = Directory.CreateTempSubdirectory("nightshift-test-");
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "long.yaml"),
            $"{{ dag: long, tasks: {{ only: {{ run: 'sleep 600', queue: {queue} }} }} }}",
            Cancelled
        );
        var (starts, stops) = (Channel.CreateUnbounded<StartAttempt>(), Channel.CreateUnbounded<StopAttempt>());
        var executor = infrastructure.Bus(bus =>
            bus.ReceiveEndpoint(
                ExecutorQueue.OfTasks(queue),
                x =>
                {
                    x.Handler<StartAttempt>(m => starts.Writer.WriteAsync(m.Message).AsTask());
                    x.Handler<StopAttempt>(m => stops.Writer.WriteAsync(m.Message).AsTask());
                }
            )
        );
        await executor.StartAsync(Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder.FullName);
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/long", token)).IsSuccessStatusCode,
            "the DAG to be live",
            Cancelled
        );
        using var trigger = await scheduler.Http.PostAsJsonAsync("/api/v2/dags/long/dagRuns", new { }, Cancelled);
        Assert.True(trigger.IsSuccessStatusCode, await trigger.Content.ReadAsStringAsync(Cancelled));
        var start = await starts.Reader.ReadAsync(Cancelled);
        var running = new AttemptStarted(start.AttemptId, start.RunId, start.TaskId, 1, Plans.T0);
        await executor.Publish(running, Cancelled);
        await Eventually.Is(
            async token => await State(scheduler, start.RunId, token) is "running",
            "the task to run",
            Cancelled
        );
        await executor.Publish(running, Cancelled); // it is reported each minute

        using var cancel = await scheduler.Http.PostAsync(
            $"/api/v2/dags/long/dagRuns/{start.RunId}/cancel",
            content: null,
            Cancelled
        );
        Assert.True(cancel.IsSuccessStatusCode, await cancel.Content.ReadAsStringAsync(Cancelled));
        var lost = await stops.Reader.ReadAsync(Cancelled);
        Assert.Equal("The run was cancelled", lost.Why); // the first: a run that needs the attempt stops nothing
        await executor.Publish(running, Cancelled);
        var again = await stops.Reader.ReadAsync(Cancelled);
        Assert.Equal(lost with { Why = again.Why }, again);

        await executor.StopAsync(Cancelled);
        await infrastructure.DeleteQueue(ExecutorQueue.OfTasks(queue), Cancelled);
        folder.Delete(recursive: true);
    }

    static async Task<string?> State(RunningService scheduler, string runId, CancellationToken cancellationToken) =>
        (await scheduler.Read<JsonElement>($"/api/v2/dags/long/dagRuns/{runId}/taskInstances/only", cancellationToken))
            .GetProperty("state")
            .GetString();
}
