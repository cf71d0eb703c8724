using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Interventions;

/// <summary><c>run_on_latest_version</c> of a running scheduler.</summary>
[Collection("one broker, one queue")]
public sealed class RunReplanEndpointTests : IDisposable
{
    const string Runs = "/api/v2/dags/etl/dagRuns",
        Run = $"{Runs}/manual__etl__1";

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-latest-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_run_is_cleared_with_the_version_of_the_file_as_it_is_now()
    {
        using var infrastructure = await TestInfrastructure.Prepare("latest", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var first = await Written(scheduler, "a: { noop: true }, gone: { noop: true }");
        using (var answer = await scheduler.Http.PostAsJsonAsync(Runs, new { dag_run_id = "1" }, Cancelled))
            Assert.True(answer.IsSuccessStatusCode);
        await scheduler
            .Get<StreamStore<Scheduler.Runs.Run>>()
            .Transact("manual__etl__1", run => RunDecider.Decide(run, Plans.Failed("a")), Cancelled);
        var second = await Written(scheduler, "a: { run: ls }, more: { needs: a, noop: true }");
        Assert.NotEqual(first, second);

        var body = new { only_failed = true, run_on_latest_version = true };
        Assert.Equal("a failed, more none", Tasks(await Clear(scheduler, body)));
        Assert.Equal(first, await Version(scheduler));
        Assert.Equal("running", (
                await Clear(
                    scheduler,
                    new
                    {
                        body.only_failed,
                        body.run_on_latest_version,
                        dry_run = false,
                    }
                )
            ).GetProperty("state").GetString());
        Assert.Equal(second, await Version(scheduler));
        var listed = (await scheduler.Read<JsonElement>(Runs, Cancelled)).GetProperty("dag_runs")[0];
        Assert.Contains(second, listed.ToString(), StringComparison.Ordinal);
        var tasks = await scheduler.Read<JsonElement>($"{Run}/taskInstances", Cancelled);
        Assert.Equal("a queued, more none, gone removed", Tasks(tasks));
        var tries = await scheduler.Read<JsonElement>($"{Run}/taskInstances/gone/tries", Cancelled);
        Assert.Contains("cleared by", tries.GetProperty("task_instances")[0].GetProperty("failure").GetString());

        File.Delete(Path.Combine(folder, "etl.yaml"));
        await Eventually.Is(
            async _ =>
            {
                using var answer = await scheduler.Http.PostAsJsonAsync($"{Run}/clear", body, Cancelled);
                return (int)answer.StatusCode == 404;
            },
            "a DAG that is gone to have no latest version",
            Cancelled
        );
    }

    async Task<string> Written(RunningService scheduler, string tasks)
    {
        var dag = $"dag: etl\ndefaults: {{ queue: nobody }}\ntasks: {{ {tasks} }}";
        await File.WriteAllTextAsync(Path.Combine(folder, "etl.yaml"), dag, Cancelled);
        var version = Plans.Dag(dag).Version();
        await Eventually.Is(
            async _ =>
            {
                using var answer = await scheduler.Http.GetAsync("/api/v2/dags/etl", Cancelled);
                return (await answer.Content.ReadAsStringAsync(Cancelled)).Contains(version, StringComparison.Ordinal);
            },
            "the file to be live",
            Cancelled
        );
        return version;
    }

    static async Task<JsonElement> Clear(RunningService scheduler, object body)
    {
        using var answer = await scheduler.Http.PostAsJsonAsync($"{Run}/clear", body, Cancelled);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }

    static async Task<string?> Version(RunningService scheduler) =>
        (await scheduler.Read<JsonElement>(Run, Cancelled)).GetProperty("dag_version").GetString();

    static string Tasks(JsonElement answer) =>
        string.Join(
            ", ",
            answer
                .GetProperty("task_instances")
                .EnumerateArray()
                .Select(x => $"{x.GetProperty("task_id")} {x.GetProperty("state")}")
        );
}
