using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Marten;
using Nightshift.Plumbing.Auth;
using Nightshift.Scheduler.EventLogs;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Scheduler.Tests.EventLogs;

/// <summary>The event log: what was done, by whom.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class EventLogTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    static readonly string[] Fields = ["event", "owner", "dag_id", "run_id", "task_id", "map_index", "try_number"];

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-eventlog-").FullName;

    [Fact]
    public void Each_event_has_the_name_under_which_it_is_stored()
    {
        using var store = DocumentStore.For(x =>
        {
            x.Connection("Host=nowhere");
            x.Events.AddEventTypes(LoggedEvents.Types);
        });
        var known = ((IDocumentStore)store).Options.Events.AllKnownEventTypes();
        Assert.Equal(
            LoggedEvents.Types.Select(x => known.Single(y => y.EventType == x).EventTypeName),
            LoggedEvents.Names
        );
    }

    [Fact]
    public async Task What_people_and_the_system_did_is_listed_with_who_did_it()
    {
        using var infrastructure = await TestInfrastructure.Prepare("eventlog", Cancelled);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "a.yaml"),
            "dag: a\nparams: { day: x }\ntasks: { x: { noop: true, queue: nobody }, y: { noop: true, needs: [x] } }",
            Cancelled
        );
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/a", token)).IsSuccessStatusCode,
            "the DAG",
            Cancelled
        );
        const string Run = "/api/v2/dags/a/dagRuns/manual__a__1";
        await Send(
            scheduler,
            "ann",
            HttpMethod.Post,
            "/api/v2/dags/a/dagRuns",
            new { dag_run_id = "1", note = "first" }
        );
        await Send(scheduler, "bob", HttpMethod.Patch, "/api/v2/dags/a", new { is_paused = true });
        await Send(scheduler, "bob", HttpMethod.Patch, "/api/v2/dags/a", new { is_paused = false });
        await Send(scheduler, "bob", HttpMethod.Post, "/api/v2/pools", new { name = "db", slots = 2 });
        await Send(scheduler, "ann", HttpMethod.Patch, $"{Run}/taskInstances/x", new { new_state = "success" });
        await Send(scheduler, "ann", HttpMethod.Post, $"{Run}/clear", new { dry_run = false });
        await Send(scheduler, "bob", HttpMethod.Post, $"{Run}/cancel", new { note = "wrong day" });

        Assert.Equal(
            [
                "run_stopped bob a manual__a__1",
                "tasks_cleared ann a manual__a__1",
                "task_marked ann a manual__a__1 x -1 1",
                "pool_set bob",
                "dag_unpaused bob a",
                "dag_paused bob a",
                "run_queued ann a manual__a__1",
                "dag_published a",
            ],
            await List(scheduler, "")
        );
        foreach (
            var (query, events) in new[]
            {
                ("dag_id=a&owner=ann", "tasks_cleared task_marked run_queued"),
                ("dag_id=b", ""),
                ("owner=bob&event=pool_set", "pool_set"),
                ("event=pool_set&event=dag_paused", "pool_set dag_paused"),
                ("included_events=pool_set&included_events=run_queued", "pool_set run_queued"),
                ("run_id=manual__a__1&excluded_events=run_queued", "run_stopped tasks_cleared task_marked"),
                ("task_id=x", "tasks_cleared task_marked"),
                ("task_id=y", "tasks_cleared"),
                ("task_id=x&try_number=1", "task_marked"),
                ("map_index=-1", "tasks_cleared task_marked"),
                ("map_index=3", ""),
                ("before=2020-01-01T00:00:00Z", ""),
                (
                    "after=2020-01-01T00:00:00Z&order_by=when&event=dag_paused&event=dag_unpaused",
                    "dag_paused dag_unpaused"
                ),
                ("after=2100-01-01T00:00:00Z", ""),
                ("before=9999-12-31T23:59:59Z&event=pool_set", "pool_set"),
                ("after=0001-01-01T00:00:00Z&event=pool_set", "pool_set"),
                ("event=pool_set&excluded_events=pool_set", ""),
            }
        )
            Assert.Equal(
                (query, events),
                (query, string.Join(' ', (await List(scheduler, query)).Select(x => x.Split(' ')[0])))
            );

        await It_is_paged_by_key(scheduler);
        await An_entry_has_what_belongs_to_it_and_no_values(scheduler);
        await What_cannot_be_answered_is_refused_by_name(scheduler);
    }

    [Fact]
    public async Task Instances_have_their_index_and_variables_no_value()
    {
        using var infrastructure = await TestInfrastructure.Prepare("eventlogmapped", Cancelled);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "m.yaml"),
            "dag: m\nparams: { region: { schema: { type: string }, default: eu } }\ntasks: { load: { for_each: [a, b], noop: true }, end: { noop: true } }",
            Cancelled
        );
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/m", token)).IsSuccessStatusCode,
            "the DAG",
            Cancelled
        );
        const string Load = "/api/v2/dags/m/dagRuns/manual__m__1/taskInstances/load";
        await Send(scheduler, "ann", HttpMethod.Post, "/api/v2/dags/m/dagRuns", new { dag_run_id = "1" });
        await Send(scheduler, "ann", HttpMethod.Patch, $"{Load}/1", new { note = "second" });
        await Send(scheduler, "ann", HttpMethod.Post, "/api/v2/variables", new { key = "region", value = "eu" });

        Assert.Equal(
            ["variable_set ann", "task_noted ann m manual__m__1 load 1"],
            (await List(scheduler, "limit=2")).Select(x => x.TrimEnd())
        );
        foreach (
            var (query, count) in new[] { ("load", 1), ("load&map_index=1", 1), ("load&map_index=0", 0), ("end", 0) }
        )
            Assert.Equal((query, count), (query, (await List(scheduler, $"event=task_noted&task_id={query}")).Count));
        var run = await scheduler.Read<JsonElement>("/api/v2/eventLogs?event=run_queued", Cancelled);
        Assert.DoesNotContain("region", run.GetRawText(), StringComparison.Ordinal); // params are nobody's business
        var set = await scheduler.Read<JsonElement>("/api/v2/eventLogs?event=variable_set", Cancelled);
        Assert.Equal("""{"key":"region"}""", set.GetProperty("event_logs")[0].GetProperty("extra").GetString());
    }

    static async Task It_is_paged_by_key(RunningService scheduler)
    {
        var (seen, cursor) = (new List<string>(), "");
        do
        {
            var page = await scheduler.Read<JsonElement>($"/api/v2/eventLogs?limit=3{cursor}", Cancelled);
            seen.AddRange(page.GetProperty("event_logs").EnumerateArray().Select(Line));
            Assert.Equal(8, page.GetProperty("total_entries").GetInt32());
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : "";
        } while (cursor.Length > 0);
        Assert.Equal(await List(scheduler, ""), seen);
        Assert.Equal(seen[2..4], await List(scheduler, "limit=2&offset=2"));
        Assert.Equal(Enumerable.Reverse(seen), await List(scheduler, "order_by=event_log_id"));
    }

    static async Task An_entry_has_what_belongs_to_it_and_no_values(RunningService scheduler)
    {
        var page = await scheduler.Read<JsonElement>("/api/v2/eventLogs?event=run_queued", Cancelled);
        var id = page.GetProperty("event_logs")[0].GetProperty("event_log_id").GetInt64();
        var entry = await scheduler.Read<JsonElement>($"/api/v2/eventLogs/{id}", Cancelled);
        Assert.Equal(page.GetProperty("event_logs")[0].GetRawText(), entry.GetRawText());
        Assert.Equal(JsonValueKind.String, entry.GetProperty("logical_date").ValueKind);
        var extra = JsonDocument.Parse(entry.GetProperty("extra").GetString()!).RootElement;
        Assert.Equal("first", extra.GetProperty("note").GetString());
        Assert.DoesNotContain(extra.EnumerateObject(), x => x.Name is "params" or "plan");
        using var missing = await scheduler.Http.GetAsync("/api/v2/eventLogs/999999999", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    static async Task What_cannot_be_answered_is_refused_by_name(RunningService scheduler)
    {
        foreach (
            var (query, code) in new[]
            {
                ("event=task_started", "invalid_event"),
                ("included_events=x", "invalid_included_events"),
                ("excluded_events=x", "invalid_excluded_events"),
                ("try_number=one", "invalid_try_number"),
                ("before=now", "invalid_before"),
                ("cursor=x", "invalid_cursor"),
                ("order_by=owner", "invalid_order_by"),
                ("limit=0", "invalid_page"),
            }
        )
        {
            using var answer = await scheduler.Http.GetAsync($"/api/v2/eventLogs?{query}", Cancelled);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
            Assert.Equal((query, code), (query, problem.GetProperty("code").GetString()));
        }
    }

    // 20,000 runs of 200 DAGs, and a person who cleared one of a hundred.
    const string Fill = """
        insert into scheduler.mt_streams (id, version)
        select 'run-scheduled__d' || n % 200 || '__' || n, 2 from generate_series(1, 20000) n;
        insert into scheduler.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
        select n * 10, gen_random_uuid(), 'run-scheduled__d' || n % 200 || '__' || n, 1,
          '{"type":"Scheduled","cause":"schedule"}', 'run_queued', timestamptz '2026-01-01' + n * interval '1 minute'
        from generate_series(1, 20000) n;
        insert into scheduler.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
        select n * 10 + 1, gen_random_uuid(), 'run-scheduled__d' || n % 200 || '__' || n, 2,
          case when n % 100 = 0 then '{"by":"ann","tasks":[{"task":"x"}]}'::jsonb else '{"task":"x","attempt":1}' end,
          case when n % 100 = 0 then 'tasks_cleared' else 'task_succeeded' end,
          timestamptz '2026-01-01' + n * interval '1 minute'
        from generate_series(1, 20000) n;
        analyze scheduler.mt_events;
        """;

    [Fact]
    public async Task A_page_of_a_long_log_reads_neither_the_log_nor_a_type_of_event_whole()
    {
        using var infrastructure = await TestInfrastructure.Prepare("longlog", Cancelled);
        await (await RunningScheduler.Start(infrastructure, folder)).DisposeAsync();
        // a migration of a database that is there keeps the indexes
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using (var fill = database.CreateCommand(Fill))
            await fill.ExecuteNonQueryAsync(Cancelled);
        await using var connection = await database.OpenConnectionAsync(Cancelled);
        foreach (
            var filter in new EventLogFilter[]
            {
                new(LoggedEvents.Names),
                new(LoggedEvents.Names) { DagId = "d7" },
                new(LoggedEvents.Names) { DagId = "none" },
                new(LoggedEvents.Names) { Owner = "ann" },
                new(["tasks_cleared"]),
                new(["tasks_cleared", "pool_set"]) { DagId = "d7" },
                new([.. LoggedEvents.Names.Except(["run_queued"])]),
                new(LoggedEvents.Names) { RunId = "scheduled__d7__7" },
                new(LoggedEvents.Names) { After = DateTimeOffset.Parse("2026-01-14T00:00:00Z") },
                new(LoggedEvents.Names) { Before = DateTimeOffset.Parse("2026-01-02T00:00:00Z") },
            }
        )
        {
            var query = new EventLogQuery(filter);
            await using var page = await query.Page(connection, from: null, descending: true, 26, 0, Cancelled);
            Assert.InRange(await RowsRead(page), 0, 1500);
        }
        Assert.Equal(
            100,
            (await scheduler.Read<JsonElement>("/api/v2/eventLogs?dag_id=d7&limit=1000", Cancelled))
                .GetProperty("event_logs")
                .GetArrayLength()
        );
        var all = await scheduler.Read<JsonElement>("/api/v2/eventLogs?limit=1", Cancelled);
        Assert.False(all.GetProperty("total_entries_exact").GetBoolean());
        Assert.InRange(all.GetProperty("total_entries").GetInt64(), 10_000, 40_000);
    }

    // What scans gave and what they took and left, over all nodes of the plan.
    static async Task<double> RowsRead(NpgsqlCommand command)
    {
        command.CommandText = $"explain (analyze, format json) {command.CommandText}";
        using var plan = JsonDocument.Parse((string)(await command.ExecuteScalarAsync(Cancelled))!);
        return Sum(plan.RootElement[0].GetProperty("Plan"));

        static double Sum(JsonElement node) =>
            (node.GetProperty("Actual Rows").GetDouble() + Removed(node)) * node.GetProperty("Actual Loops").GetDouble()
            + (node.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray().Sum(Sum) : 0);

        static double Removed(JsonElement node) =>
            node.TryGetProperty("Rows Removed by Filter", out var removed) ? removed.GetDouble() : 0;
    }

    static async Task<IReadOnlyList<string>> List(RunningService scheduler, string query) =>
        [
            .. (await scheduler.Read<JsonElement>($"/api/v2/eventLogs?{query}", Cancelled))
                .GetProperty("event_logs")
                .EnumerateArray()
                .Select(Line),
        ];

    static string Line(JsonElement entry) =>
        string.Join(' ', Fields.Select(x => entry.GetProperty(x).ToString()).Where(x => x.Length > 0));

    static async Task Send(RunningService scheduler, string by, HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        request.Headers.Add(GatewayHeaders.Caller, by);
        using var answer = await scheduler.Http.SendAsync(request, Cancelled);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }
}
