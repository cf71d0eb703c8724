using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Lists;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>
/// The list of runs, over many: 30,000 of three DAGs, one in a hundred failed, the latest three running.
/// </summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class RunListTests
{
    const int Runs = 30_000;

    // Two runs each are queued at the same instant, finer than a millisecond. A run takes its number modulo 600 in
    // seconds; the latest three run, and the two before them are queued.
    const string Fill = """
        insert into scheduler.mt_doc_runrow (id, data, queued_at, logical_date, dag_id, state, type, run_after,
            started_at, finished_at, updated_at, duration, mt_version)
        select x.id, jsonb_build_object('id', x.id, 'dagId', x.dag, 'type', x.type, 'logicalDate', x.at,
                'queuedAt', x.at, 'startedAt', x.started, 'finishedAt', x.finished, 'outcome', x.outcome,
                'runAfter', x.at, 'updatedAt', coalesce(x.finished, x.started, x.at), 'cause', 'schedule'),
            x.at, x.at, x.dag, x.state, x.type, x.at, x.started, x.finished, coalesce(x.finished, x.started, x.at),
            extract(epoch from x.finished - x.started), 1
        from (select 'run-scheduled__d' || n % 3 || '__' || n as id, 'd' || n % 3 as dag, at,
                case when n % 1000 = 500 then 'Backfill' else 'Scheduled' end as type,
                case when n not in (29996, 29997) then at end as started,
                case when n <= 29995 then at + n % 600 * interval '1 second' end as finished,
                case when n > 29995 then null when n % 100 = 0 then 'Failed' else 'Succeeded' end as outcome,
                case when n > 29997 then 'running' when n > 29995 then 'queued' when n % 100 = 0 then 'failed'
                  else 'success' end as state
              from generate_series(1, 30000) n,
                lateral (select timestamptz '2026-01-01' + (n / 2) * interval '60.000123 seconds' as at) t) x;
        analyze scheduler.mt_doc_runrow;
        """;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-list-").FullName;

    [Fact]
    public async Task Many_runs_are_listed_by_key_without_counting_or_sorting_them()
    {
        using var infrastructure = await TestInfrastructure.Prepare("list", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using (var fill = database.CreateCommand(Fill))
            await fill.ExecuteNonQueryAsync(Cancelled);

        await Pages_follow_one_another_without_gap_or_repeat(scheduler);
        await Totals_are_exact_as_far_as_they_are_counted(scheduler);
        await Nothing_is_sorted_or_read_whole(scheduler, database);
        await What_cannot_be_answered_is_refused_by_name(scheduler);
        await Runs_are_found_by_what_clients_of_Airflow_ask_for(scheduler);
        await Each_order_is_Airflows_with_missing_values_last(scheduler);
        await A_batch_says_the_same_in_a_body(scheduler);
    }

    static async Task Runs_are_found_by_what_clients_of_Airflow_ask_for(RunningService scheduler)
    {
        foreach (
            var (query, total) in new[]
            {
                ("run_type=backfill", 30),
                ("run_type=backfill&run_type=push", 30),
                ("state=queued", 2),
                ("state=queued&state=running", 5),
                ("logical_date_gte=2026-01-01T00:00:00Z&logical_date_lt=2026-01-01T00:05:00Z", 9),
                ("logical_date_lte=2026-01-01T00:00:00Z", 1),
                ("logical_date_gt=2026-01-01T00:00:00Z&logical_date_lte=2026-01-01T01:02:00%2B01:00", 2),
                ("run_after_lt=2026-01-01T00:02:00", 3),
                ("start_date_lt=2026-01-01T00:02:00Z", 3),
                ("end_date_lt=2026-01-01T00:00:02Z", 1),
                ("updated_at_lt=2026-01-01T00:00:02Z", 1),
                ("duration_gte=599", 49),
                ("duration_gt=599", 0),
                ("duration_gte=100&duration_lt=101", 50),
                ("run_id_pattern=d2__29", 373),
                ("run_id_pattern=_2999|nothing", 13),
                ("run_id_pattern=run-", 0),
                ("run_id_pattern=%5C", 0),
                ("dag_id_pattern=D1&state=running", 1),
            }
        )
        {
            var found = await List(scheduler, $"~/dagRuns?limit=1000&{query}");
            Assert.Equal((query, total), (query, found.GetProperty("dag_runs").GetArrayLength()));
            Assert.Equal((query, total), (query, found.GetProperty("total_entries").GetInt32()));
        }
    }

    static async Task Each_order_is_Airflows_with_missing_values_last(RunningService scheduler)
    {
        foreach (
            var (order, first) in new[]
            {
                ("-run_after", "30000"),
                ("-id", "30000"),
                ("-updated_at", "29400"), // behind it are runs that ended earlier than it did
                ("-start_date", "30000"),
                ("start_date", "1"),
                ("-end_date", "29995"),
                ("end_date", "1"),
                ("-duration", "29999"),
                ("duration", "1200"),
            }
        )
        {
            var pages = await Pages(scheduler, $"~/dagRuns?state=running&state=queued&state=failed&order_by={order}");
            var whole = await List(
                scheduler,
                $"~/dagRuns?limit=1000&state=running&state=queued&state=failed&order_by={order}"
            );
            var ids = whole.GetProperty("dag_runs").EnumerateArray().Select(IdOf).ToList();
            Assert.Equal(304, ids.Count);
            Assert.Equal(ids, pages);
            var offset = await List(
                scheduler,
                $"~/dagRuns?limit=5&offset=297&state=running&state=queued&state=failed&order_by={order}"
            );
            Assert.Equal(ids.Skip(297).Take(5), offset.GetProperty("dag_runs").EnumerateArray().Select(IdOf));
            var name = order.TrimStart('-');
            var values = whole.GetProperty("dag_runs").EnumerateArray().Select(x => ValueOf(x, name)).ToList();
            var missing = values.Count(x => x is null);
            Assert.Equal(
                name switch
                {
                    "start_date" => 2,
                    "end_date" or "duration" => 5,
                    _ => 0,
                },
                missing
            );
            Assert.All(values.TakeLast(missing), Assert.Null);
            var present = values.OfType<IComparable>().ToList();
            Assert.Equal(order[0] == '-' ? present.OrderDescending() : present.Order(), present);
        }
    }

    static IComparable? ValueOf(JsonElement run, string order) =>
        run.GetProperty(order == "id" ? "queued_at" : order) switch
        {
            { ValueKind: JsonValueKind.Null } => null,
            { ValueKind: JsonValueKind.Number } number => number.GetDouble(),
            var instant => instant.GetDateTimeOffset(),
        };

    static async Task<IReadOnlyList<string>> Pages(RunningService scheduler, string path)
    {
        var (seen, cursor) = (new List<string>(), "");
        while (true)
        {
            var answer = await List(scheduler, $"{path}&limit=60{cursor}");
            seen.AddRange(answer.GetProperty("dag_runs").EnumerateArray().Select(IdOf));
            if (answer.GetProperty("next_cursor").GetString() is not { } next)
                return seen;
            cursor = $"&cursor={next}";
        }
    }

    static async Task A_batch_says_the_same_in_a_body(RunningService scheduler)
    {
        const string Body = """
            {
              "dag_ids": ["d1", "d2"], "states": ["failed"], "logical_date_gte": "2026-01-02T00:00:00Z",
              "duration_lt": 101.5, "order_by": "logical_date", "page_limit": 3, "page_offset": 1, "end_date_lte": null
            }
            """;
        using var answer = await Post(scheduler, "~", Body);
        var runs = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("dag_runs");
        Assert.Equal(
            ["scheduled__d1__3700", "scheduled__d1__4300", "scheduled__d1__4900"],
            runs.EnumerateArray().Select(IdOf)
        );
        foreach (
            var (path, body, code) in new[]
            {
                ("~", """{"state":["failed"]}""", "invalid_body"),
                ("~", "[]", "invalid_body"),
                ("~", """{"states":["lost"]}""", "invalid_states"),
                ("~", """{"dag_ids":[{}]}""", "invalid_dag_ids"),
                ("~", """{"dag_ids":[null]}""", "invalid_dag_ids"),
                ("~", """{"page_limit":0}""", "invalid_page"),
                ("~", """{"end_date_lt":"soon"}""", "invalid_end_date_lt"),
                ("d1", "{}", "invalid_dag_id"),
            }
        )
        {
            using var refused = await Post(scheduler, path, body);
            var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
            Assert.Equal((body, code), (body, problem.GetProperty("code").GetString()));
        }
    }

    static async Task Pages_follow_one_another_without_gap_or_repeat(RunningService scheduler)
    {
        var (seen, cursor) = (new List<string>(), "");
        for (var page = 0; page < 10; page++)
        {
            var answer = await List(scheduler, $"d1/dagRuns?limit=7{cursor}");
            seen.AddRange(answer.GetProperty("dag_runs").EnumerateArray().Select(IdOf));
            cursor = $"&cursor={answer.GetProperty("next_cursor").GetString()}";
        }
        var whole = await List(scheduler, "d1/dagRuns?limit=70");
        Assert.Equal(whole.GetProperty("dag_runs").EnumerateArray().Select(IdOf), seen);
        Assert.Equal(70, seen.Distinct().Count());
        Assert.Equal("scheduled__d1__29998", seen[0]);

        var oldest = await List(scheduler, "~/dagRuns?limit=1&order_by=logical_date");
        Assert.Equal("scheduled__d1__1", IdOf(oldest.GetProperty("dag_runs")[0]));
        var last = await List(scheduler, "~/dagRuns?state=running&limit=3");
        Assert.Equal(JsonValueKind.Null, last.GetProperty("next_cursor").ValueKind);
    }

    static async Task Totals_are_exact_as_far_as_they_are_counted(RunningService scheduler)
    {
        var all = await List(scheduler, "~/dagRuns?limit=1");
        Assert.False(all.GetProperty("total_entries_exact").GetBoolean());
        Assert.InRange(all.GetProperty("total_entries").GetInt64(), Runs / 2, Runs * 2);
        // clients that page by offset go on until they have the total
        for (var offset = 0; offset <= 10_000; offset += 2_500)
        {
            var page = await List(scheduler, $"~/dagRuns?limit=1&offset={offset}&order_by=logical_date");
            Assert.InRange(page.GetProperty("total_entries").GetInt64(), offset + 2, long.MaxValue);
        }
        var none = await List(scheduler, "~/dagRuns?state=queued&dag_id_pattern=nothing");
        Assert.Equal(
            (0, true),
            (none.GetProperty("total_entries").GetInt32(), none.GetProperty("total_entries_exact").GetBoolean())
        );
        var beyond = await List(scheduler, "~/dagRuns?state=failed&offset=1000");
        Assert.Equal(299, beyond.GetProperty("total_entries").GetInt32());
        var few = await List(scheduler, "~/dagRuns?limit=1&state=failed");
        Assert.True(few.GetProperty("total_entries_exact").GetBoolean());
        Assert.Equal(299, few.GetProperty("total_entries").GetInt64());
        var two = await List(scheduler, "d1/dagRuns?limit=1&state=failed&state=running");
        Assert.Equal(101, two.GetProperty("total_entries").GetInt64());
    }

    static async Task Nothing_is_sorted_or_read_whole(RunningService scheduler, NpgsqlDataSource database)
    {
        var table = scheduler.Get<RowList>().TableOf(typeof(RunRow));
        await using var connection = await database.OpenConnectionAsync(Cancelled);
        RowCondition[][] lists =
        [
            [],
            [new RowFilter("dag_id", "d1")],
            [new RowFilter("state", "running")],
            [new RowFilter("state", "failed")],
            [new RowFilter("type", "Backfill")],
            [new RowFilter("dag_id", "d1"), new RowFilter("state", "failed")],
        ];
        var from = new Cursor("queued_at", DateTimeOffset.Parse("2026-01-15T00:00:00Z"), "run-x");
        foreach (var filters in lists)
        {
            await using var page = new RowQuery(table, filters).Page(connection, new("queued_at"), from, 50, offset: 0);
            page.CommandText = $"explain {page.CommandText}";
            var plan = new List<string>();
            await using var lines = await page.ExecuteReaderAsync(Cancelled);
            while (await lines.ReadAsync(Cancelled))
                plan.Add(lines.GetString(0));
            Assert.DoesNotContain(plan, x => x.Contains("Seq Scan") || x.Contains("Sort"));
        }
        foreach (var column in (string[])["started_at", "finished_at", "duration"])
        foreach (var descending in (bool[])[true, false])
        foreach (var filters in column == "duration" ? lists[..1] : lists[..2])
        {
            var order = new RowOrder(column, descending) { HasNulls = true, IsNumber = column == "duration" };
            await using var page = new RowQuery(table, filters).Page(connection, order, from: null, 50, offset: 0);
            page.CommandText = $"explain {page.CommandText}";
            var plan = new List<string>();
            await using var lines = await page.ExecuteReaderAsync(Cancelled);
            while (await lines.ReadAsync(Cancelled))
                plan.Add(lines.GetString(0));
            Assert.DoesNotContain(plan, x => x.Contains("Seq Scan"));
            Assert.True(plan.Count(x => x.Contains("Sort  (")) <= 2, string.Join('\n', plan)); // of the page's own rows
        }
    }

    static async Task What_cannot_be_answered_is_refused_by_name(RunningService scheduler)
    {
        foreach (
            var (query, code) in new[]
            {
                ("limit=0", "invalid_page"),
                ("limit=1001", "invalid_page"),
                ("offset=10001", "invalid_page"),
                ("offset=-1", "invalid_page"),
                ("cursor=nonsense", "invalid_cursor"),
                ("cursor=%00", "invalid_query"),
                ($"cursor={new Cursor("logical_date", DateTimeOffset.UnixEpoch, "x")}", "invalid_cursor"),
                ($"cursor={new Cursor("queued_at", DateTimeOffset.UnixEpoch, "x")}&offset=1", "invalid_page"),
                ("state=sleeping", "invalid_state"),
                ("run_type=asset", "invalid_run_type"),
                ("start_date_gte=yesterday", "invalid_start_date_gte"),
                ("duration_lt=long", "invalid_duration_lt"),
                ("duration_lt=NaN", "invalid_duration_lt"),
                ($"run_id_pattern={new string('x', 251)}", "invalid_run_id_pattern"),
                ("order_by=state,queued_at", "invalid_order_by"),
                ("order_by=--queued_at", "invalid_order_by"),
                ("order_by=colour", "invalid_order_by"),
            }
        )
        {
            using var answer = await scheduler.Http.GetAsync($"/api/v2/dags/~/dagRuns?{query}", Cancelled);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
            Assert.Equal((query, code), (query, problem.GetProperty("code").GetString()));
        }
    }

    static Task<HttpResponseMessage> Post(RunningService scheduler, string dag, string body) =>
        scheduler.Http.PostAsync(
            $"/api/v2/dags/{dag}/dagRuns/list",
            new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
            Cancelled
        );

    static Task<JsonElement> List(RunningService scheduler, string path) =>
        scheduler.Read<JsonElement>($"/api/v2/dags/{path}", Cancelled);

    static string IdOf(JsonElement run) => run.GetProperty("dag_run_id").GetString()!;
}
