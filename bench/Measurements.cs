using System.Diagnostics;

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
    public static async Task<double> TasksPerSecond(BenchClient client, string dag, int runs, int tasksPerRun)
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, runs).Select(_ => client.Trigger(dag)));
        var finished = new List<FinishedRun>();
        foreach (var id in ids)
            finished.Add(await client.Finished(dag, id));
        return runs * tasksPerRun / (finished.Max(x => x.EndedAt) - finished.Min(x => x.QueuedAt)).TotalSeconds;
    }

    /// <summary>Runs accepted per second from clients that ask for one after the other, while those runs execute.</summary>
    public static async Task<double> TriggersPerSecond(BenchClient client, int clients, int runs)
    {
        var since = Stopwatch.GetTimestamp();
        var ids = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(Ask)));
        var perSecond = clients * (runs / clients) / Stopwatch.GetElapsedTime(since).TotalSeconds;
        foreach (var id in ids)
            await client.Finished("bench-one", id);
        return perSecond;

        async Task<string> Ask()
        {
            var last = "";
            for (var i = 0; i < runs / clients; i++)
                last = await client.Trigger("bench-one");
            return last;
        }
    }

    /// <summary>Seconds from a file's last byte to a DAG that can be triggered.</summary>
    public static async Task<double> UntilRunnable(BenchClient client, string folder, string dag, string yaml)
    {
        // Written beside and moved: it appears whole.
        var draft = Path.Combine(Path.GetTempPath(), $"{dag}.yaml.draft");
        await File.WriteAllTextAsync(draft, yaml);
        File.Move(draft, Path.Combine(folder, $"{dag}.yaml"), overwrite: true);
        var since = Stopwatch.GetTimestamp();
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await client.Exists(dag))
            await pulse.WaitForNextTickAsync();
        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    /// <summary>Seconds until so many files that are written at once are all live.</summary>
    /// <param name="client">Asks for the DAGs.</param>
    /// <param name="folder">The folder of the DAG files.</param>
    /// <param name="files">How many.</param>
    /// <param name="name">Tells them from others: the folder they are in, and a part of the DAGs' names.</param>
    public static async Task<double> UntilAllLive(BenchClient client, string folder, int files, string name = "many")
    {
        var known = await client.Dags();
        var draft = Directory.CreateTempSubdirectory("nightshift-bench-files-").FullName;
        for (var i = 0; i < files; i++)
            await File.WriteAllTextAsync(Path.Combine(draft, $"{name}-{i}.yaml"), BenchDags.Small($"bench-{name}-{i}"));
        Directory.Move(draft, Path.Combine(folder, name));
        var since = Stopwatch.GetTimestamp();
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await client.Dags() < known + files)
            await pulse.WaitForNextTickAsync();
        return Stopwatch.GetElapsedTime(since).TotalSeconds;
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
