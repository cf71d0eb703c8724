using System.Threading.Channels;
using MassTransit;
using Nightshift.Contracts;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using Npgsql;
using TaskFailed = Nightshift.Scheduler.Runs.TaskFailed;
using TaskUpForRetry = Nightshift.Scheduler.Runs.TaskUpForRetry;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Whose successes somebody may wait for.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class DagFailuresTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-failures-").FullName;

    [Fact]
    public async Task A_failure_of_an_attempt_a_task_or_a_run_is_remembered_for_its_DAG()
    {
        using var infrastructure = await TestInfrastructure.Prepare("failures", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Record(scheduler, "sound", Plans.Finished(RunOutcome.Succeeded));
        await Record(scheduler, "broken", Plans.Finished(RunOutcome.Failed));
        await Record(scheduler, "broken", Plans.Finished(RunOutcome.Failed)); // again: no matter
        await Record(scheduler, "shaky", new TaskUpForRetry("extract", 1, "exit", "", 64, Plans.T0, Plans.T0));
        await Record(scheduler, "tolerant", new TaskFailed("extract", 1, "exit", "", 64, Plans.T0));
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        var failures = new DagFailures(database);
        Assert.Equal([false, true, true, true], await Awaited(failures, "sound", "broken", "shaky", "tolerant"));

        // A database from before it was kept is read once.
        await using (var forget = database.CreateCommand("delete from scheduler.dag_failure"))
            await forget.ExecuteNonQueryAsync(Cancelled);
        await DataMigration.Run(database, DagFailures.Migration.After, Cancelled);
        Assert.Equal([false, true, true, true], await Awaited(failures, "sound", "broken", "shaky", "tolerant"));
    }

    [Fact]
    public async Task One_success_is_published_after_a_failure_and_none_until_the_next()
    {
        using var infrastructure = await TestInfrastructure.Prepare("failures", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var failures = scheduler.Get<DagFailures>();

        await Record(scheduler, "etl", Plans.Finished(RunOutcome.Failed));
        var older = Plans.T0 - TimeSpan.FromDays(1);
        var past = await Record(scheduler, "etl", Plans.Finished(RunOutcome.Succeeded) with { LogicalDate = older });
        Assert.True(await failures.IsAwaited("etl", past, Cancelled)); // it settles nothing
        var first = await Record(scheduler, "etl", Plans.Finished(RunOutcome.Succeeded));
        var second = await Record(scheduler, "etl", Plans.Finished(RunOutcome.Succeeded));
        Assert.True(await failures.IsAwaited("etl", first, Cancelled)); // also when it is published again
        Assert.False(await failures.IsAwaited("etl", second, Cancelled));

        await Record(scheduler, "etl", Plans.Finished(RunOutcome.Failed));
        Assert.True(await failures.IsAwaited("etl", second, Cancelled));
        var third = await Record(scheduler, "etl", Plans.Finished(RunOutcome.Succeeded));
        Assert.False(await failures.IsAwaited("etl", second, Cancelled));
        Assert.True(await failures.IsAwaited("etl", third, Cancelled));

        await Record(scheduler, "etl", new TaskCleared("extract", 1, 128, "case", [], Plans.T0));
        Assert.True(await failures.IsAwaited("etl", second, Cancelled)); // what was reopened may be waited for
    }

    // Healing hears of a failure when a success after it is published already: nothing else would end the incident.
    [Fact]
    public async Task A_success_before_healing_gave_up_is_published_again()
    {
        using var infrastructure = await TestInfrastructure.Prepare("failures", Cancelled);
        var heard = Channel.CreateUnbounded<RunSucceeded>();
        var healer = infrastructure.Bus(bus =>
            bus.ReceiveEndpoint(
                $"failures-heard-{Guid.NewGuid():N}",
                x =>
                {
                    x.AutoDelete = true;
                    x.Handler<RunSucceeded>(m => heard.Writer.WriteAsync(m.Message).AsTask());
                }
            )
        );
        await healer.StartAsync(Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var dag = $"dag{Guid.NewGuid():N}";
        var failed = await Record(scheduler, dag, Plans.Finished(RunOutcome.Failed));
        var succeeded = await Record(scheduler, dag, Plans.Finished(RunOutcome.Succeeded));
        Assert.Equal(succeeded, (await Next(heard, dag)).RunId);

        await healer.Publish(
            new HealingFailed($"dag.{dag}", $"{failed}@1", "failed", "no remedy", $"dag.{dag}", Plans.T0, failed),
            Cancelled
        );
        Assert.Equal(succeeded, (await Next(heard, dag)).RunId);
        var next = await Record(scheduler, dag, Plans.Finished(RunOutcome.Succeeded));
        Assert.Equal(next, (await Next(heard, dag)).RunId);
        await healer.StopAsync(Cancelled);
    }

    static async Task<RunSucceeded> Next(Channel<RunSucceeded> heard, string dag)
    {
        await foreach (var success in heard.Reader.ReadAllAsync(Cancelled))
            if (success.DagId == dag)
                return success;
        throw new InvalidOperationException("The channel was closed");
    }

    static async Task<IEnumerable<bool>> Awaited(DagFailures failures, params string[] dags)
    {
        var found = new List<bool>();
        foreach (var dag in dags)
            found.Add(await failures.IsAwaited(dag, "another run", Cancelled));
        return found;
    }

    static async Task<string> Record(RunningService scheduler, string dag, params object[] events)
    {
        var queued = Plans.Queued(Plans.ExtractThenLoad) with
        {
            RunId = RunId.Manual(dag, Guid.NewGuid().ToString("N")),
            DagId = dag,
        };
        await scheduler.Get<StreamStore<Run>>().Transact(queued.RunId.Value, _ => [queued, .. events], Cancelled);
        return queued.RunId.Value;
    }
}
