using System.Text.Json;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Which old runs go.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class RunRetentionTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-retention-").FullName;

    [Fact]
    public async Task Ended_runs_go_and_the_newest_of_a_DAG_and_open_ones_stay()
    {
        using var infrastructure = await TestInfrastructure.Prepare("runretention", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Run(scheduler, "a", "1", day: 1, ended: true);
        await Run(scheduler, "a", "2", day: 2, ended: false);
        await Run(scheduler, "a", "3", day: 3, ended: true);
        await Run(scheduler, "b", "1", day: 1, ended: true);
        var kind = scheduler.Get<RetentionSweep>().Kinds.Single(x => x.Name == "runs");

        Assert.Equal(1, await kind.RemoveExpired(TimeProvider.System.GetUtcNow().AddDays(1), Cancelled));

        var left = await scheduler.Read<JsonElement>("/api/v2/dags/~/dagRuns", Cancelled);
        Assert.Equal(
            ["manual__a__3", "manual__a__2", "manual__b__1"],
            left.GetProperty("dag_runs").EnumerateArray().Select(x => x.GetProperty("dag_run_id").GetString())
        );
        Assert.Equal(0, (await scheduler.Get<StreamStore<Run>>().Load("manual__a__1", Cancelled)).Version);
    }

    [Fact]
    public async Task A_note_after_the_end_keeps_no_run_and_one_on_an_open_run_removes_none()
    {
        using var infrastructure = await TestInfrastructure.Prepare("notedretention", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        for (var (day, ended) = (1, true); day <= 3; (day, ended) = (day + 1, !ended))
        {
            await Run(scheduler, "a", $"{day}", day, ended);
            await scheduler
                .Get<StreamStore<Run>>()
                .Transact($"manual__a__{day}", _ => [new RunNoted("seen", "anna", Plans.T0)], Cancelled);
        }
        var kind = scheduler.Get<RetentionSweep>().Kinds.Single(x => x.Name == "runs");
        Assert.Equal(1, await kind.RemoveExpired(TimeProvider.System.GetUtcNow().AddDays(1), Cancelled));
        Assert.Equal(0, (await scheduler.Get<StreamStore<Run>>().Load("manual__a__1", Cancelled)).Version);
    }

    static Task Run(RunningService scheduler, string dag, string key, int day, bool ended)
    {
        var queued = Plans.Queued(Plans.ExtractThenLoad) with
        {
            RunId = RunId.Manual(dag, key),
            DagId = dag,
            At = Plans.T0.AddDays(day),
        };
        object[] events = ended ? [queued, Plans.Finished(RunOutcome.Succeeded)] : [queued];
        return scheduler.Get<StreamStore<Run>>().Transact(queued.RunId.Value, _ => events, Cancelled);
    }
}
