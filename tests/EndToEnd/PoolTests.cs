using System.Globalization;

namespace Nightshift.EndToEnd.Tests;

/// <summary>A pool that containers share, by the command line.</summary>
[Collection("The running system")]
public sealed class PoolTests(RunningSystem system)
{
    static readonly string[] Tasks = ["a", "b", "c"];

    [Fact]
    public async Task Containers_that_share_a_pool_of_one_slot_run_one_after_the_other_and_say_what_they_wait_for()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(
            Path.Combine(system.Dags, "pooled.yaml"),
            $"dag: pooled\ndefaults: {{ pool: e2e }}\ntasks:\n"
                + string.Concat(Tasks.Select(x => $"  {x}: {{ run: sleep 1 }}\n")),
            cancellationToken
        );
        await system.Await("api/v2/dags/pooled", _ => true, cancellationToken);
        var run = await system.Trigger("pooled", cancellationToken);
        Assert.Contains(
            "There is no pool 'e2e'; 'nightshift pools set e2e 1' makes it",
            await system.Do(cancellationToken, "runs", "why", run, "b"),
            StringComparison.Ordinal
        );
        await system.Do(cancellationToken, "pools", "set", "e2e", "1");
        await system.AwaitRun("pooled", run, "success", cancellationToken);

        var spans = new List<(DateTimeOffset Start, DateTimeOffset End)>();
        foreach (var task in Tasks)
        {
            var answer = await system.Ask($"api/v2/dags/pooled/dagRuns/{run}/taskInstances/{task}", cancellationToken);
            DateTimeOffset At(string name) =>
                DateTimeOffset.Parse(answer.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
            spans.Add((At("start_date"), At("end_date")));
        }
        spans.Sort();
        Assert.All(spans.Zip(spans.Skip(1)), x => Assert.InRange(x.Second.Start, x.First.End, DateTimeOffset.MaxValue));

        var pool = await system.Ask("api/v2/pools/e2e", cancellationToken);
        Assert.Equal(
            (0, 0, 1),
            (
                pool.GetProperty("occupied_slots").GetInt32(),
                pool.GetProperty("scheduled_slots").GetInt32(),
                pool.GetProperty("open_slots").GetInt32()
            )
        );
        await system.Do(cancellationToken, "pools", "delete", "e2e");
        await Replays.Work(system, "run", run, "run_queued", cancellationToken);
    }
}
