using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>What a scheduler answers about runs.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class RunEndpointTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-runs-").FullName;

    [Fact]
    public async Task A_run_that_is_not_there_is_said_to_be_missing_in_the_users_words()
    {
        using var infrastructure = await TestInfrastructure.Prepare("norun", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        EndpointPolicies.Verify(
            scheduler,
            "scheduler",
            "GET /api/v2/backfills Viewer",
            "GET /api/v2/backfills/{backfillId:long} Viewer",
            "POST /api/v2/backfills Operator",
            "POST /api/v2/backfills/dry_run Operator",
            "PUT /api/v2/backfills/{backfillId:long}/cancel Operator",
            "PUT /api/v2/backfills/{backfillId:long}/pause Operator",
            "PUT /api/v2/backfills/{backfillId:long}/unpause Operator",
            "PATCH /api/v2/dags Operator",
            "PATCH /api/v2/dags/{dagId} Operator",
            "DELETE /api/v2/dags/{dagId} Admin",
            "GET /api/v2/dags Viewer",
            "GET /api/v2/dags/{dagId} Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId} Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/dependencies Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId} Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/renderedFields Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/{mapIndex:int} Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/{mapIndex:int}/renderedFields Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/listMapped Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/tries Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/{mapIndex:int}/tries Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/tries/{tryNumber:int:min(1)} Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/{mapIndex:int}/tries/{tryNumber:int:min(1)} Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/wait Viewer",
            "GET /api/v2/dags/{dagId}/dagVersions Viewer",
            "GET /api/v2/dags/{dagId}/dagVersions/{number} Viewer",
            "GET /api/v2/dags/{dagId}/dagVersions/{number}/changes Viewer",
            "GET /api/v2/dags/{dagId}/details Viewer",
            "GET /api/v2/dags/{dagId}/tasks Viewer",
            "GET /api/v2/dags/{dagId}/tasks/{taskId} Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/dependencies Viewer",
            "DELETE /api/v2/dags/{dagId}/dagRuns/{runId} Admin",
            "GET /api/v2/eventLogs Viewer",
            "GET /api/v2/eventLogs/{eventLogId:long} Viewer",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/{mapIndex:int}/dependencies Viewer",
            "GET /api/v2/importErrors Viewer",
            "PATCH /api/v2/dags/{dagId}/dagRuns Operator",
            "PATCH /api/v2/dags/{dagId}/dagRuns/{runId} Operator",
            "PATCH /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId} Operator",
            "PATCH /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/{mapIndex:int} Operator",
            "PATCH /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/dry_run Operator",
            "PATCH /api/v2/dags/{dagId}/dagRuns/{runId}/taskGroupInstances/{groupId} Operator",
            "PATCH /api/v2/dags/{dagId}/dagRuns/{runId}/taskGroupInstances/{groupId}/dry_run Operator",
            "PATCH /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/{mapIndex:int}/dry_run Operator",
            "POST /api/v2/dags/{dagId}/clearTaskInstances Operator",
            "POST /api/v2/dags/{dagId}/dagRuns Operator",
            "POST /api/v2/dags/{dagId}/dagRuns/list Viewer",
            "POST /api/v2/dags/{dagId}/dagRuns/{runId}/cancel Operator",
            "POST /api/v2/dags/{dagId}/dagRuns/{runId}/clear Operator",
            "POST /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/cancel Operator",
            "POST /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/{mapIndex:int}/cancel Operator",
            "GET /api/v2/pools Viewer",
            "GET /api/v2/pools/{poolName} Viewer",
            "DELETE /api/v2/pools/{poolName} Operator",
            "PATCH /api/v2/pools Operator",
            "PATCH /api/v2/pools/{poolName} Operator",
            "POST /api/v2/pools Operator",
            "GET /api/v2/variables Viewer",
            "GET /api/v2/variables/{key} Viewer",
            "DELETE /api/v2/variables/{key} Operator",
            "PATCH /api/v2/variables Operator",
            "PATCH /api/v2/variables/{key} Operator",
            "POST /api/v2/variables Operator"
        );
        Assert.Equal(
            "There is no run 'nosuch'",
            await Detail(
                await scheduler.Http.GetAsync("/api/v2/dags/~/dagRuns/nosuch", Cancelled),
                HttpStatusCode.NotFound
            )
        );
        Assert.Equal(
            "There is no DAG 'nosuch'; 'nightshift dags list' shows those there are",
            await Detail(
                await scheduler.Http.GetAsync("/api/v2/dags/nosuch/dagRuns", Cancelled),
                HttpStatusCode.NotFound
            )
        );
        Assert.Equal(
            "DAG 'a' has no run 'nosuch'",
            await Detail(
                await scheduler.Http.GetAsync("/api/v2/dags/a/dagRuns/nosuch/taskInstances", Cancelled),
                HttpStatusCode.NotFound
            )
        );
    }

    [Fact]
    public async Task A_run_is_created_once_and_found_the_second_time()
    {
        using var infrastructure = await TestInfrastructure.Prepare("again", Cancelled);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "a.yaml"),
            "dag: a\ntasks: { x: { noop: true, queue: nobody } }",
            Cancelled
        );
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        Task<HttpResponseMessage> Post() =>
            scheduler.Http.PostAsJsonAsync("/api/v2/dags/a/dagRuns", new { dag_run_id = "k1" }, Cancelled);
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/a", token)).IsSuccessStatusCode,
            "the DAG",
            Cancelled
        );
        Assert.Equal(
            (HttpStatusCode.Created, HttpStatusCode.OK),
            ((await Post()).StatusCode, (await Post()).StatusCode)
        );
    }

    [Fact]
    public async Task A_text_that_cannot_be_kept_is_refused_and_named()
    {
        using var infrastructure = await TestInfrastructure.Prepare("conftext", Cancelled);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "a.yaml"),
            "dag: a\ntasks: { x: { noop: true, queue: nobody } }",
            Cancelled
        );
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/a", token)).IsSuccessStatusCode,
            "the DAG",
            Cancelled
        );
        (string Body, string Names)[] bodies =
        [
            (@"{""conf"":{""note"":""a\u0000b""}}", "$.conf.note"),
            (@"{""conf"":{""a\u0000b"":""x""}}", "$.conf"),
            (@"{""conf"":{""note"":""\ud83d""}}", "$.conf.note"),
            (@"{""conf"":{""note"":{""a"":[""\u0000""]}}}", "$.conf.note"),
            (@"{""conf"":{""note"":[1e999999]}}", "$.conf.note"),
            (@"{""conf"":{""note"":1e-999999}}", "$.conf.note"),
            (@"{""conf"":[]}", "$.conf"),
            (@"{""dag_run_id"":""\u0000""}", "$.dag_run_id"),
        ];
        foreach (var (body, names) in bodies)
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var answer = await scheduler.Http.PostAsync("/api/v2/dags/a/dagRuns", content, Cancelled);
            Assert.Contains(names, await Detail(answer, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        }
        foreach (var path in (string[])["dags/~/dagRuns?cursor=%00", "dags/a/dagRuns?order_by=a%00b"])
        {
            using var answer = await scheduler.Http.GetAsync($"/api/v2/{path}", Cancelled);
            Assert.Contains(
                "U+0000",
                await Detail(answer, HttpStatusCode.UnprocessableEntity),
                StringComparison.Ordinal
            );
        }
        using var inPath = await scheduler.Http.GetAsync("/api/v2/dags/~/dagRuns/a%00b", Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, inPath.StatusCode);
    }

    [Fact]
    public async Task A_param_that_does_not_fit_its_schema_is_refused_with_its_path()
    {
        using var infrastructure = await TestInfrastructure.Prepare("typed", Cancelled);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "a.yaml"),
            """
            dag: a
            params:
              limit: { schema: { type: integer, minimum: 1 }, default: 10, description: How many. }
              hosts: { schema: { type: array, items: { type: string } } }
              plain: x
            tasks: { x: { noop: true, queue: nobody, env: { H: "{{ params.hosts | join: ' ' }} {{ params.limit }}" } } }
            """,
            Cancelled
        );
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/a", token)).IsSuccessStatusCode,
            "the DAG",
            Cancelled
        );
        var shown = (await scheduler.Read<JsonElement>("/api/v2/dags/a/details", Cancelled)).GetProperty("params");
        Assert.Equal(
            """{"value":10,"schema":{"type":"integer","minimum":1},"description":"How many.","required":false}""",
            shown.GetProperty("limit").GetRawText()
        );
        Assert.True(shown.GetProperty("hosts").GetProperty("required").GetBoolean());
        Assert.Equal("x", shown.GetProperty("plain").GetProperty("value").GetString());

        var conf = new { limit = 0, hosts = new object[] { "a", 1 } };
        using var refused = await scheduler.Http.PostAsJsonAsync("/api/v2/dags/a/dagRuns", new { conf }, Cancelled);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal("invalid_params", problem.GetProperty("code").GetString());
        Assert.Equal(
            ["params.hosts[1]", "params.limit"],
            problem.GetProperty("errors").EnumerateObject().Select(x => x.Name).Order()
        );
        var range = new
        {
            dag_id = "a",
            from_date = "2026-01-01",
            to_date = "2026-01-02",
            dag_run_conf = conf,
        };
        using var backfill = await scheduler.Http.PostAsJsonAsync("/api/v2/backfills", range, Cancelled);
        Assert.Contains(
            "'params.limit'",
            await Detail(backfill, HttpStatusCode.UnprocessableEntity),
            StringComparison.Ordinal
        );

        var fits = new { conf = new { limit = 3, hosts = new[] { "a", "b" } }, dag_run_id = "k" };
        using var created = await scheduler.Http.PostAsJsonAsync("/api/v2/dags/a/dagRuns", fits, Cancelled);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var run = await scheduler.Read<JsonElement>("/api/v2/dags/a/dagRuns/manual__a__k", Cancelled);
        Assert.Equal(3, run.GetProperty("conf").GetProperty("limit").GetInt32());
        Assert.Equal("x", run.GetProperty("conf").GetProperty("plain").GetString());
        var (stored, _) = await scheduler.Get<StreamStore<Run>>().Load("manual__a__k", Cancelled);
        Assert.Equal(["a", "b"], stored.Queued!.TypedParams!["hosts"].EnumerateArray().Select(x => x.GetString()));
    }

    [Fact]
    public async Task The_replay_of_a_run_is_as_long_as_its_events_and_not_as_its_states()
    {
        using var infrastructure = await TestInfrastructure.Prepare("linear", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var events = await AppendRun(scheduler, tasks: 300);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v2/streams/run-{Plans.Id}");
        request.Headers.Accept.Add(new("application/x-ndjson"));
        using var answer = await scheduler.Http.SendAsync(request, Cancelled);
        var replay = await answer.Content.ReadAsByteArrayAsync(Cancelled);
        Assert.Equal(events.Count, replay.Count(x => x == '\n'));
        Assert.InRange(replay.Length, 1, 6 * JsonSerializer.SerializeToUtf8Bytes(events, Json.Options).Length);
    }

    // A run whose tasks nobody waits for and nobody runs.
    static async Task<IReadOnlyList<object>> AppendRun(RunningService scheduler, int tasks)
    {
        var task = Plans.ExtractThenLoad.Tasks[0] with { Queue = "nobody" };
        var dag = Plans.ExtractThenLoad with
        {
            Tasks = [.. Enumerable.Range(0, tasks).Select(i => task with { TaskId = $"t{i}" })],
        };
        var events = new List<object>(RunDecider.Decide(Run.None, Plans.Start(dag)));
        var run = events.Aggregate(Run.None, Run.Evolve);
        foreach (var spec in dag.Tasks)
        {
            var ended = RunDecider.Decide(run, Plans.Succeeded(spec.TaskId));
            run = ended.Aggregate(run, Run.Evolve);
            events.AddRange(ended);
        }
        await scheduler.Get<StreamStore<Run>>().Transact(Plans.Id.Value, _ => events, Cancelled);
        return events;
    }

    // method, address, content type and body │ status │ what the user reads
    [Fact]
    public async Task A_request_that_cannot_be_read_is_answered_with_a_sentence()
    {
        using var infrastructure = await TestInfrastructure.Prepare("unread", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        const string runs = "/api/v2/dags/a/dagRuns";
        foreach (
            var (method, path, type, body, status, sentence) in new[]
            {
                (
                    "POST",
                    runs,
                    "text/plain",
                    "{}",
                    HttpStatusCode.UnsupportedMediaType,
                    "The body must be JSON; send it with 'Content-Type: application/json'."
                ),
                (
                    "POST",
                    runs,
                    "application/json",
                    "{\n  broken",
                    HttpStatusCode.BadRequest,
                    "The body is not the JSON that belongs here; look at line 2, byte 3."
                ),
                (
                    "POST",
                    runs,
                    "application/json",
                    "{ \"conf\": 7 }",
                    HttpStatusCode.BadRequest,
                    "The body is not the JSON that belongs here; look at line 1, byte 12 ($.conf)."
                ),
                (
                    "POST",
                    runs,
                    "application/json",
                    "",
                    HttpStatusCode.BadRequest,
                    "The body is missing; send it as JSON."
                ),
                (
                    "GET",
                    runs + "?limit=many",
                    null,
                    null,
                    HttpStatusCode.UnprocessableEntity,
                    "'limit' is 'many'; give a number from 1 to 1000"
                ),
                (
                    "PUT",
                    runs,
                    "application/json",
                    "{}",
                    HttpStatusCode.MethodNotAllowed,
                    $"{runs} does not take PUT; it takes GET, PATCH, POST."
                ),
                (
                    "GET",
                    "/api/v2/nothing",
                    null,
                    null,
                    HttpStatusCode.NotFound,
                    "There is nothing at GET /api/v2/nothing."
                ),
            }
        )
        {
            using var request = new HttpRequestMessage(new(method), path)
            {
                Content = body is null
                    ? null
                    : new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue(type!)),
            };
            Assert.Equal(sentence, await Detail(await scheduler.Http.SendAsync(request, Cancelled), status));
        }
    }

    static async Task<string?> Detail(HttpResponseMessage answer, HttpStatusCode status)
    {
        Assert.Equal(
            (status, "application/problem+json"),
            (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType)
        );
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("detail").GetString();
    }
}
