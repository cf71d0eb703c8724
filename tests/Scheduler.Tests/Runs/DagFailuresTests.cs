using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using Npgsql;

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
        await Record(
            scheduler,
            "tolerant",
            new TaskFailed("extract", 1, "exit", "", 64, Plans.T0),
            Plans.Finished(RunOutcome.Succeeded)
        );
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        var failures = new DagFailures(database);
        Assert.Equal([false, true, true, true], await Of(failures));

        // A database from before it was kept is read once.
        await using (var forget = database.CreateCommand("delete from scheduler.dag_failure"))
            await forget.ExecuteNonQueryAsync(Cancelled);
        await DataMigration.Run(database, DagFailures.Migration.After, Cancelled);
        Assert.Equal([false, true, true, true], await Of(failures));
    }

    static async Task<IEnumerable<bool>> Of(DagFailures failures)
    {
        var found = new List<bool>();
        foreach (var dag in (string[])["sound", "broken", "shaky", "tolerant"])
            found.Add(await failures.Any(dag, Cancelled));
        return found;
    }

    static Task Record(RunningService scheduler, string dag, params object[] events)
    {
        var queued = Plans.Queued(Plans.ExtractThenLoad) with
        {
            RunId = RunId.Manual(dag, Guid.NewGuid().ToString("N")),
            DagId = dag,
        };
        return scheduler.Get<StreamStore<Run>>().Transact(queued.RunId.Value, _ => [queued, .. events], Cancelled);
    }
}
