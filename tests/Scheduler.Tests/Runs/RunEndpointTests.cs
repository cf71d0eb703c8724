using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Auth;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>What a scheduler answers about runs.</summary>
public sealed class RunEndpointTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-runs-").FullName;

    [Fact]
    public async Task A_run_that_is_not_there_is_said_to_be_missing_in_the_users_words()
    {
        using var surroundings = await Surroundings.Prepare("norun", Cancelled);
        await using var scheduler = await Start(surroundings);
        Assert.Equal("There is no run 'nosuch'", await Detail(await scheduler.Http.GetAsync("/api/v2/dags/~/dagRuns/nosuch", Cancelled), HttpStatusCode.NotFound));
        Assert.Equal("DAG 'a' has no run 'nosuch'", await Detail(await scheduler.Http.GetAsync("/api/v2/dags/a/dagRuns/nosuch/taskInstances", Cancelled), HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_run_is_created_once_and_found_the_second_time()
    {
        using var surroundings = await Surroundings.Prepare("again", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(folder, "a.yaml"), "dag: a\ntasks: { x: { noop: true, queue: nobody } }", Cancelled);
        await using var scheduler = await Start(surroundings);
        Task<HttpResponseMessage> Post() => scheduler.Http.PostAsJsonAsync("/api/v2/dags/a/dagRuns", new { dag_run_id = "k1" }, Cancelled);
        await Eventually.Is(async token => (await scheduler.Http.GetAsync("/api/v2/dags/a", token)).IsSuccessStatusCode, "the DAG", Cancelled);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), ((await Post()).StatusCode, (await Post()).StatusCode));
    }

    async Task<RunningService> Start(Surroundings surroundings) =>
        await RunningService.Start(await SchedulerService.Create(surroundings.Arguments($"--Nightshift:DagsDirectory={folder}")), Role.Operator, Cancelled);

    static async Task<string?> Detail(HttpResponseMessage answer, HttpStatusCode status)
    {
        Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("detail").GetString();
    }
}
