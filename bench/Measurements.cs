namespace Nightshift.Bench;

/// <summary>What is measured, from what the streams recorded.</summary>
static class Measurements
{
    /// <summary>
    /// Milliseconds from each attempt's <c>attempt_finished</c> to the next one's <c>attempt_accepted</c>, both in the
    /// executor's log.
    /// </summary>
    public static async Task<IReadOnlyList<double>> Hops(BenchClient client)
    {
        var run = await client.Run("bench-hops");
        var attempts = new List<IReadOnlyDictionary<string, DateTimeOffset>>();
        for (var i = 0; i < BenchDags.HopTasks; i++)
            attempts.Add(await client.RecordedAt($"attempt-{run.RunId}~t{i}~1"));
        return
        [
            .. attempts.Zip(
                attempts.Skip(1),
                (x, next) => (next["attempt_accepted"] - x["attempt_finished"]).TotalMilliseconds
            ),
        ];
    }

    /// <summary>Tasks per second over the wall time from the first run queued to the last run ended.</summary>
    public static async Task<double> TasksPerSecond(BenchClient client, int runs, int tasksPerRun)
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, runs).Select(_ => client.Trigger("bench-ten")));
        var finished = new List<FinishedRun>();
        foreach (var id in ids)
            finished.Add(await client.Finished("bench-ten", id));
        return runs * tasksPerRun / (finished.Max(x => x.EndedAt) - finished.Min(x => x.QueuedAt)).TotalSeconds;
    }

    /// <summary>
    /// Wall time of container tasks in a row over that of as many <c>docker run</c> of the same image.
    /// </summary>
    public static async Task<double> DockerRatio(BenchClient client, SystemUnderTest system)
    {
        var bare = await system.DockerRuns(BenchDags.Containers);
        var run = await client.Run("bench-containers");
        return (run.EndedAt - run.QueuedAt).TotalSeconds / bare;
    }

    /// <summary>The nearest-rank percentile.</summary>
    public static double Percentile(IReadOnlyList<double> values, int percent) =>
        values
            .Order()
            .ElementAt(Math.Clamp((int)Math.Ceiling(values.Count * percent / 100.0) - 1, 0, values.Count - 1));
}
