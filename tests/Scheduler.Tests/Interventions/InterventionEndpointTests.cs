using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Interventions;

/// <summary>What a scheduler answers to those who cancel, mark, clear and delete.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class InterventionEndpointTests
{
    const string Runs = "/api/v2/dags/etl/dagRuns";

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-interventions-").FullName;

    [Fact]
    public async Task Runs_and_tasks_are_cleared_marked_and_cancelled_once()
    {
        using var infrastructure = await TestInfrastructure.Prepare("intervene", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var (first, second, third) = ("manual__etl__1", "manual__etl__2", "manual__etl__3");
        foreach (var (run, day) in new[] { (first, 1), (second, 2), (third, 3) })
            await Append(scheduler, run, day);

        // a dry run is the default, and changes nothing
        var body = new
        {
            dag_run_id = second,
            task_ids = new object[] { new object[] { "load", -1 } },
            include_upstream = true,
            include_past = true,
            only_failed = false,
        };
        Assert.Equal(
            ["1 extract success", "1 load failed", "2 extract success", "2 load failed"],
            Tasks(await Post(scheduler, "/api/v2/dags/etl/clearTaskInstances", body))
        );
        Assert.Equal("failed", await State(scheduler, second));

        // with a key the same request again decides nothing
        var real = new
        {
            dry_run = false,
            dag_run_id = second,
            only_failed = false,
        };
        Assert.Equal(
            ["2 extract queued", "2 load none"],
            Tasks(await Post(scheduler, "/api/v2/dags/etl/clearTaskInstances", real, key: "k"))
        );
        var version = await Version(scheduler, second);
        Assert.Empty(Tasks(await Post(scheduler, "/api/v2/dags/etl/clearTaskInstances", real, key: "k")));
        Assert.Equal(version, await Version(scheduler, second));
        Assert.Equal("running", await State(scheduler, second));

        Assert.Equal(
            "failed",
            (await Post(scheduler, $"{Runs}/{second}/cancel", new { note = "wrong day" }))
                .GetProperty("state")
                .GetString()
        );
        var tries = await scheduler.Read<JsonElement>($"{Runs}/{second}/taskInstances/extract/tries", Cancelled);
        Assert.Equal(["2 extract success", "2 extract failed"], Tasks(tries));
        var last = await scheduler.Read<JsonElement>($"{Runs}/{second}/taskInstances/extract/tries/2", Cancelled);
        Assert.Equal("stopped", last.GetProperty("failure").GetString());
        var cancelled = await scheduler.Read<JsonElement>($"{Runs}/{second}", Cancelled);
        Assert.Equal("wrong day", cancelled.GetProperty("note").GetString());

        Assert.Equal(
            ["1 load success", "2 load success", "3 load success"],
            Tasks(
                await Patch(
                    scheduler,
                    $"{Runs}/{second}/taskInstances/load",
                    new
                    {
                        new_state = "success",
                        include_past = true,
                        include_future = true,
                    }
                )
            )
        );
        Assert.Equal("success", await State(scheduler, first));
        Assert.Equal("failed", await State(scheduler, second)); // it was cancelled

        Assert.Equal(
            "success",
            (await Patch(scheduler, $"{Runs}/{second}", new { state = "success" })).GetProperty("state").GetString()
        );
        Assert.Equal(
            "failed",
            (await Patch(scheduler, $"{Runs}/{first}", new { state = "failed", note = "no" }))
                .GetProperty("state")
                .GetString()
        );
        var listed = await scheduler.Read<JsonElement>($"{Runs}?state=failed", Cancelled);
        Assert.Equal(
            first,
            Assert.Single(listed.GetProperty("dag_runs").EnumerateArray()).GetProperty("dag_run_id").GetString()
        );

        Assert.Equal(
            ["1 load success"],
            Tasks(await Patch(scheduler, $"{Runs}/{first}/taskInstances/load/dry_run", new { new_state = "failed" }))
        );
        Assert.Equal(
            ["1 extract success", "1 load success"],
            Tasks(await Post(scheduler, $"{Runs}/{first}/clear", new { }))
        );
        Assert.Equal("failed", await State(scheduler, first));
        var again = await Post(scheduler, $"{Runs}/{first}/clear", new { dry_run = false });
        Assert.Equal("running", again.GetProperty("state").GetString());
        var restart = new
        {
            dry_run = false,
            dag_run_id = first,
            only_failed = false,
        };
        await scheduler
            .Get<StreamStore<Run>>()
            .Transact(first, run => RunDecider.Decide(run, new ReportStart("extract", 2, Plans.T0)), Cancelled);
        await Post(scheduler, "/api/v2/dags/etl/clearTaskInstances", restart);
        var one = await Post(scheduler, $"{Runs}/{first}/taskInstances/extract/cancel", new { note = "slow" });
        Assert.Equal(["1 extract failed"], Tasks(one));
        Assert.Equal(
            ["", "stopped (cleared by anonymous)", "cancelled (by anonymous)"],
            (await scheduler.Read<JsonElement>($"{Runs}/{first}/taskInstances/extract/tries", Cancelled))
                .GetProperty("task_instances")
                .EnumerateArray()
                .Select(x => $"{x.GetProperty("failure")}")
        );
    }

    // method │ address │ body │ status │ what the sentence names
    [Fact]
    public async Task Bad_input_is_named_and_nothing_is_done()
    {
        using var infrastructure = await TestInfrastructure.Prepare("badhands", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        const string run = $"{Runs}/manual__etl__1",
            clear = "/api/v2/dags/etl/clearTaskInstances";
        await Append(scheduler, "manual__etl__1", day: 1);
        var before = await Version(scheduler, "manual__etl__1");
        foreach (
            var (method, path, body, status, named) in new[]
            {
                ("PATCH", run, """{"state":"queued"}""", 422, "'state' is 'queued'; give success or failed"),
                ("PATCH", run, "{}", 422, "'state' or 'note'"),
                ("PATCH", run + "?update_mask=conf", """{"note":"x"}""", 422, "'update_mask' is 'conf'"),
                ("PATCH", run, $$"""{"note":"{{new string('x', 1001)}}"}""", 422, "'note' has 1001 characters"),
                ("PATCH", $"{run}/taskInstances/load", """{"new_state":"running"}""", 422, "'new_state' is 'running'"),
                ("PATCH", $"{run}/taskInstances/nosuch", """{"new_state":"success"}""", 404, "has no task 'nosuch'"),
                ("PATCH", $"{Runs}/nosuch", """{"state":"success"}""", 404, "has no run 'nosuch'"),
                ("POST", $"{Runs}/nosuch/cancel", "{}", 404, "has no run 'nosuch'"),
                ("POST", $"{run}/taskInstances/nosuch/cancel", "{}", 404, "has no task 'nosuch'"),
                ("POST", clear, "{}", 422, "'dag_run_id'"),
                (
                    "POST",
                    clear.Replace("etl", "nosuch"),
                    """{"start_date":"2026-03-01T00:00:00Z","end_date":"2026-03-02T00:00:00Z"}""",
                    404,
                    "There is no DAG 'nosuch'"
                ),
                ("POST", clear, """{"dag_run_id":"manual__etl__1","task_ids":[]}""", 422, "'task_ids' is empty"),
                ("POST", clear, """{"dag_run_id":"manual__etl__1","task_ids":[["load",-2]]}""", 422, "'task_ids'"),
                ("POST", clear, """{"dag_run_id":"manual__etl__1","task_ids":[["load","3"]]}""", 422, "'task_ids'"),
                (
                    "POST",
                    clear,
                    """{"dag_run_id":"manual__etl__1","task_ids":[["load",3]]}""",
                    404,
                    "has no task 'load[3]'"
                ),
                (
                    "POST",
                    clear,
                    """{"dag_run_id":"manual__etl__1","task_ids":["nosuch"]}""",
                    404,
                    "has no task 'nosuch'"
                ),
                ("POST", clear, """{"dag_run_id":"manual__etl__1","only_running":true}""", 422, "'only_running'"),
                (
                    "POST",
                    clear,
                    """{"start_date":"2026-03-02T00:00:00Z","end_date":"2026-03-01T00:00:00Z"}""",
                    422,
                    "'end_date' is before 'start_date'"
                ),
            }
        )
        {
            using var request = new HttpRequestMessage(new(method), path)
            {
                Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
            };
            using var answer = await scheduler.Http.SendAsync(request, Cancelled);
            Assert.Equal((path, body, status), (path, body, (int)answer.StatusCode));
            Assert.Contains(
                named,
                (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("detail").GetString(),
                StringComparison.Ordinal
            );
        }
        Assert.Equal(before, await Version(scheduler, "manual__etl__1"));
    }

    [Fact]
    public async Task A_DAG_is_deleted_with_its_runs_once_its_file_is_gone_and_comes_back_with_the_file()
    {
        using var infrastructure = await TestInfrastructure.Prepare("deletedag", Cancelled);
        var file = Path.Combine(folder, "etl.yaml");
        const string dag = "dag: etl\nschedule: '@daily'\ntasks: { x: { noop: true, queue: nobody } }";
        await File.WriteAllTextAsync(file, dag, Cancelled);
        await using var scheduler = await RunningService.Start(
            await SchedulerService.Build(infrastructure.Arguments([$"--Nightshift:DagsDirectory={folder}"])),
            Role.Admin,
            Cancelled
        );
        await Is(scheduler, "/api/v2/dags/etl", HttpStatusCode.OK);
        await Post(scheduler, Runs, new { dag_run_id = "open" });
        await Post(scheduler, Runs, new { dag_run_id = "later", run_after = "2100-01-01T00:00:00Z" });
        await Post(
            scheduler,
            "/api/v2/backfills",
            new
            {
                dag_id = "etl",
                from_date = "2026-01-01T00:00:00Z",
                to_date = "2026-01-02T00:00:00Z",
                max_active_runs = 1,
            }
        );
        await Put(scheduler, "/api/v2/backfills/1/pause");
        await Refused("remove its file etl.yaml first");
        File.Delete(file);
        await Is(scheduler, "/api/v2/dags/etl", HttpStatusCode.NotFound);
        await Refused("'manual__etl__open'; wait, or cancel them");
        await Post(scheduler, $"{Runs}/manual__etl__open/cancel", new { });
        await Refused("'manual__etl__later'; wait, or cancel them");
        await Post(scheduler, $"{Runs}/manual__etl__later/cancel", new { });
        await Eventually.Is(
            async _ => await CancelRunning() == 0 && (await Why()).Contains("has backfill 1, which has not ended"),
            "nothing but the backfill to be open",
            Cancelled
        );
        await Put(scheduler, "/api/v2/backfills/1/cancel");
        for (var again = 0; again < 2; again++)
        {
            using var done = await scheduler.Http.DeleteAsync("/api/v2/dags/etl", Cancelled);
            Assert.Equal(HttpStatusCode.NoContent, done.StatusCode);
        }
        Assert.Equal(
            0,
            (await scheduler.Read<JsonElement>("/api/v2/dags/~/dagRuns", Cancelled))
                .GetProperty("total_entries")
                .GetInt64()
        );
        Assert.Equal(0, await Version(scheduler, "manual__etl__open"));
        using (var runs = await scheduler.Http.GetAsync(Runs, Cancelled))
            Assert.Equal(HttpStatusCode.NotFound, runs.StatusCode);

        await File.WriteAllTextAsync(file, dag, Cancelled);
        await Is(scheduler, "/api/v2/dags/etl", HttpStatusCode.OK);
        var next = await scheduler.Read<JsonElement>("/api/v2/dags/etl", Cancelled);
        Assert.NotEqual(JsonValueKind.Null, next.GetProperty("next_dagrun_run_after").ValueKind);

        async Task Refused(string why) => Assert.Contains(why, await Why(), StringComparison.Ordinal);

        async Task<string> Why()
        {
            using var answer = await scheduler.Http.DeleteAsync("/api/v2/dags/etl", Cancelled);
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("detail").GetString()!;
        }

        // The backfill may have asked for its first run before it was paused.
        async Task<int> CancelRunning()
        {
            var open = await scheduler.Read<JsonElement>("/api/v2/dags/~/dagRuns?state=running", Cancelled);
            var ids = open.GetProperty("dag_runs")
                .EnumerateArray()
                .Select(x => x.GetProperty("dag_run_id").GetString());
            foreach (var id in ids)
                await Post(scheduler, $"{Runs}/{id}/cancel", new { });
            return open.GetProperty("dag_runs").GetArrayLength();
        }
    }

    [Fact]
    public async Task Deleting_a_DAG_takes_an_administrator()
    {
        using var infrastructure = await TestInfrastructure.Prepare("deleterole", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        using var answer = await scheduler.Http.DeleteAsync("/api/v2/dags/etl", Cancelled);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    // extract succeeded, load failed; nobody serves their queue
    static Task Append(RunningService scheduler, string run, int day)
    {
        var dag = Plans.Dag(
            """
            dag: etl
            defaults: { queue: nobody }
            tasks:
              extract: { noop: true }
              load: { noop: true, needs: [extract] }
            """
        );
        var at = Plans.T0.AddDays(day);
        var start = Plans.Start(dag) with { RunId = new(run), LogicalDate = at, At = at };
        var events = new List<RunEvent>(RunDecider.Decide(Run.None, start));
        foreach (var report in new[] { Plans.Succeeded("extract"), Plans.Failed("load") })
            events.AddRange(RunDecider.Decide(events.Aggregate(Run.None, Run.Evolve), report));
        return scheduler.Get<StreamStore<Run>>().Transact(run, _ => events, Cancelled);
    }

    static IEnumerable<string> Tasks(JsonElement answer) =>
        answer
            .GetProperty("task_instances")
            .EnumerateArray()
            .Select(x =>
                $"{x.GetProperty("dag_run_id").GetString()!.Split("__")[^1]} {x.GetProperty("task_id")} {x.GetProperty("state")}"
            );

    static async Task<long> Version(RunningService scheduler, string run) =>
        (await scheduler.Get<StreamStore<Run>>().Load(run, Cancelled)).Version;

    static async Task<string?> State(RunningService scheduler, string run) =>
        (await scheduler.Read<JsonElement>($"{Runs}/{run}", Cancelled)).GetProperty("state").GetString();

    static Task Is(RunningService scheduler, string path, HttpStatusCode status) =>
        Eventually.Is(
            async token =>
            {
                using var answer = await scheduler.Http.GetAsync(path, token);
                return answer.StatusCode == status;
            },
            $"{path} {status}",
            Cancelled
        );

    static Task<JsonElement> Post(RunningService scheduler, string path, object body, string? key = null) =>
        Send(scheduler, HttpMethod.Post, path, body, key);

    static Task<JsonElement> Put(RunningService scheduler, string path) =>
        Send(scheduler, HttpMethod.Put, path, new { }, key: null);

    static Task<JsonElement> Patch(RunningService scheduler, string path, object body) =>
        Send(scheduler, HttpMethod.Patch, path, body, key: null);

    static async Task<JsonElement> Send(
        RunningService scheduler,
        HttpMethod method,
        string path,
        object body,
        string? key
    )
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var answer = await scheduler.Http.SendAsync(request, Cancelled);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }
}
