using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Scheduler.TaskInstances;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Scheduler.Tests.TaskInstances;

/// <summary>Lists of task instances, of one run and over runs.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class TaskInstanceListTests
{
    const string Everything = "/api/v2/dags/~/dagRuns/~/taskInstances";

    static readonly string[] Compared =
    [
        "state",
        "try_number",
        "max_tries",
        "start_date",
        "end_date",
        "pool",
        "pool_slots",
        "queue",
        "priority_weight",
        "memory_mib",
        "failure",
        "skip_reason",
        "note",
    ];

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-tasks-").FullName;

    [Fact]
    public async Task Rows_of_tasks_are_where_the_events_of_their_runs_have_brought_them()
    {
        using var infrastructure = await TestInfrastructure.Prepare("tasklist", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        foreach (var day in (int[])[1, 2, 3])
            await Append(scheduler, $"manual__etl__{day}", day);
        await RowsAreAsFolded(scheduler);
        const string Runs = "/api/v2/dags/etl/dagRuns";
        await Send(scheduler, HttpMethod.Post, $"{Runs}/manual__etl__2/clear", new { dry_run = false });
        await RowsAreAsFolded(scheduler);
        await Send(scheduler, HttpMethod.Post, $"{Runs}/manual__etl__2/cancel", new { note = "wrong day" });
        await Send(
            scheduler,
            HttpMethod.Patch,
            $"{Runs}/manual__etl__3/taskInstances/load",
            new { new_state = "success", note = "by hand" }
        );
        await Send(scheduler, HttpMethod.Patch, $"{Runs}/manual__etl__1/taskInstances/load", new { note = "seen" });
        await RowsAreAsFolded(scheduler);

        foreach (
            var (query, found) in new[]
            {
                ("", "2/extract 3/load 3/extract 1/load 1/extract 2/load"),
                ("state=success", "3/load 3/extract 1/extract"),
                ("state=failed&state=skipped", "2/extract 1/load 2/load"),
                ("task_id=load&dag_id_pattern=ET", "3/load 1/load 2/load"),
                ("task_display_name_pattern=EXTR", "2/extract 3/extract 1/extract"),
                ("task_id_pattern=tract|nothing&run_id_pattern=_3", "3/extract"),
                ("run_id=manual__etl__3&pool=default_pool", "3/load 3/extract"),
                ("pool=other", ""),
                ("queue=nobody&queue=x&run_id=manual__etl__1", "1/load 1/extract"),
                ("logical_date_gte=2026-03-03T00:00:00Z&logical_date_lt=2026-03-04T00:00:00Z", "2/extract 2/load"),
                ("run_after_lt=2026-03-03T00:00:00Z", "1/load 1/extract"),
                ("end_date_lt=2000-01-01T00:00:00Z", ""),
                ("duration_gte=100000000", ""),
                ("start_date_gte=2100-01-01T00:00:00Z", ""),
                ("limit=2&offset=1", "3/load 3/extract"),
            }
        )
            Assert.Equal((query, found), (query, Names(await Get(scheduler, $"{Everything}?{query}"))));
        Assert.Equal(
            Names(await Get(scheduler, Everything)),
            Names(await Get(scheduler, "/api/v2/dags/etl/dagRuns/~/taskInstances"))
        );
        await Pages_follow_one_another(scheduler);
        await One_run_takes_the_same_filters(scheduler);
        await A_batch_says_the_same_in_a_body(scheduler);
        await What_cannot_be_answered_is_refused_by_name(scheduler);
    }

    static async Task RowsAreAsFolded(RunningService scheduler)
    {
        var rows = (await Get(scheduler, Everything)).GetProperty("task_instances").EnumerateArray().ToDictionary(Name);
        foreach (var day in (int[])[1, 2, 3])
        {
            var run = await Get(scheduler, $"/api/v2/dags/etl/dagRuns/manual__etl__{day}/taskInstances");
            foreach (var task in run.GetProperty("task_instances").EnumerateArray())
            foreach (var field in Compared)
                Assert.Equal(
                    (Name(task), field, Text(task.GetProperty(field))),
                    (Name(task), field, Text(rows[Name(task)].GetProperty(field)))
                );
        }
        Assert.Equal(6, rows.Count);
    }

    // PostgreSQL keeps microseconds
    static string Text(JsonElement value) =>
        value.ValueKind is JsonValueKind.String && value.TryGetDateTimeOffset(out var at)
            ? $"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffff}"
            : value.ToString();

    static async Task Pages_follow_one_another(RunningService scheduler)
    {
        foreach (var order in (string[])["start_date", "-start_date", "updated_at", "-updated_at"])
        {
            var (seen, cursor) = (new List<string>(), "");
            do
            {
                var page = await Get(scheduler, $"{Everything}?limit=2&order_by={order}{cursor}");
                seen.AddRange(Names(page).Split(' '));
                cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : "";
            } while (cursor.Length > 0);
            Assert.Equal(Names(await Get(scheduler, $"{Everything}?order_by={order}")).Split(' '), seen);
        }
    }

    static async Task One_run_takes_the_same_filters(RunningService scheduler)
    {
        foreach (
            var (query, found) in new[]
            {
                ("", "1/extract 1/load"),
                ("state=failed", "1/load"),
                ("task_id=extract", "1/extract"),
                ("task_id_pattern=lo", "1/load"),
                ("pool=x", ""),
                ("queue=nobody&limit=1&offset=1", "1/load"),
                ("order_by=-task_id", "1/load 1/extract"),
                ("order_by=state", "1/load 1/extract"),
                ("start_date_lt=2000-01-01T00:00:00Z", ""),
                ("duration_gte=0", "1/extract 1/load"),
            }
        )
            Assert.Equal(
                (query, found),
                (query, Names(await Get(scheduler, $"/api/v2/dags/~/dagRuns/manual__etl__1/taskInstances?{query}")))
            );
    }

    static async Task A_batch_says_the_same_in_a_body(RunningService scheduler)
    {
        var found = await Post(
            scheduler,
            $"{Everything}/list",
            """{"dag_ids":["etl"],"dag_run_ids":["manual__etl__1","manual__etl__3"],"state":["success"],"page_limit":2}"""
        );
        Assert.Equal("3/load 3/extract", Names(found));
        foreach (
            var (path, body, code) in new[]
            {
                (Everything, """{"tasks":["x"]}""", "invalid_body"),
                (Everything, """{"state":["lost"]}""", "invalid_state"),
                ("/api/v2/dags/etl/dagRuns/~/taskInstances", "{}", "invalid_dag_id"),
            }
        )
            Assert.Equal(code, (await Post(scheduler, $"{path}/list", body)).GetProperty("code").GetString());
    }

    static async Task What_cannot_be_answered_is_refused_by_name(RunningService scheduler)
    {
        foreach (
            var (path, code) in new[]
            {
                ($"{Everything}?state=lost", "invalid_state"),
                ($"{Everything}?order_by=pool", "invalid_order_by"),
                ($"{Everything}?duration_gt=x", "invalid_duration_gt"),
                ("/api/v2/dags/~/dagRuns/manual__etl__1/taskInstances?state=lost", "invalid_state"),
                ("/api/v2/dags/~/dagRuns/manual__etl__1/taskInstances?order_by=pool", "invalid_order_by"),
                ("/api/v2/dags/nosuch/dagRuns/~/taskInstances", "unknown_dag"),
                ("/api/v2/dags/~/dagRuns/nosuch/taskInstances", "unknown_run"),
            }
        )
        {
            using var answer = await scheduler.Http.GetAsync(path, Cancelled);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
            Assert.Equal((path, code), (path, problem.GetProperty("code").GetString()));
        }
    }

    const string Fill = """
        insert into scheduler.task_instance (id, stream_id, dag_id, dag_run_id, task_id, map_index, state, try_number,
          max_tries, logical_date, run_after, start_date, pool, pool_slots, queue, priority_weight, memory_mib, updated_at)
        select 'run-d' || n % 50 || '__' || n || '~x', 'run-d' || n % 50 || '__' || n, 'd' || n % 50,
          'd' || n % 50 || '__' || n, 'x', -1, case when n % 500 = 0 then 'failed' else 'success' end, 1, 1, t, t, t,
          'default_pool', 0, 'default', 1, 512, t
        from generate_series(1, 20000) n, lateral (select timestamptz '2026-01-01' + n * interval '1 minute' as t) x;
        analyze scheduler.task_instance;
        """;

    [Fact]
    public async Task Many_task_instances_are_listed_by_key()
    {
        using var infrastructure = await TestInfrastructure.Prepare("manytasks", Cancelled);
        await (await RunningScheduler.Start(infrastructure, folder)).DisposeAsync();
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using (var fill = database.CreateCommand(Fill))
            await fill.ExecuteNonQueryAsync(Cancelled);
        await using var connection = await database.OpenConnectionAsync(Cancelled);
        foreach (var order in (RowOrder[])[TaskInstanceList.Order(null), TaskInstanceList.Order("updated_at")])
        foreach (
            var condition in (RowCondition[])
                [
                    new RowFilter("dag_id"),
                    new RowFilter("stream_id", "run-d7__7"),
                    new RowFilter("dag_id", "d7"),
                    new RowFilter("state", "failed"),
                ]
        )
        {
            if (order.Column == "updated_at" && !condition.IsEmpty)
                continue;
            await using var page = new RowQuery(TaskInstanceTable.Rows, [condition]).Page(
                connection,
                order,
                null,
                26,
                0
            );
            page.CommandText = $"explain {page.CommandText}";
            await using var lines = await page.ExecuteReaderAsync(Cancelled);
            while (await lines.ReadAsync(Cancelled))
                Assert.DoesNotContain("Seq Scan", lines.GetString(0));
        }
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
            events.AddRange(
                RunDecider.Decide(events.Aggregate(Run.None, Run.Evolve), report with { At = at.AddMinutes(1) })
            );
        return scheduler.Get<StreamStore<Run>>().Transact(run, _ => events, Cancelled);
    }

    static string Names(JsonElement answer) =>
        string.Join(' ', answer.GetProperty("task_instances").EnumerateArray().Select(Name));

    static string Name(JsonElement task) =>
        $"{task.GetProperty("dag_run_id").GetString()!.Split("__")[^1]}/{task.GetProperty("task_id")}";

    static Task<JsonElement> Get(RunningService scheduler, string path) => scheduler.Read<JsonElement>(path, Cancelled);

    static async Task<JsonElement> Post(RunningService scheduler, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await scheduler.Http.PostAsync(path, content, Cancelled);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }

    static async Task Send(RunningService scheduler, HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var answer = await scheduler.Http.SendAsync(request, Cancelled);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }
}
