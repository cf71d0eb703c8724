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

    // Two runs each are queued at the same instant, finer than a millisecond.
    const string Fill = """
        insert into scheduler.mt_doc_runrow (id, data, queued_at, logical_date, dag_id, state, mt_version)
        select x.id, jsonb_build_object('id', x.id, 'dagId', x.dag, 'type', 'Scheduled', 'logicalDate', x.at,
                'queuedAt', x.at, 'finishedAt', null, 'outcome', x.outcome, 'state', x.state), x.at, x.at, x.dag, x.state, 1
        from (select 'run-scheduled__d' || n % 3 || '__' || n as id, 'd' || n % 3 as dag,
                timestamptz '2026-01-01' + (n / 2) * interval '60.000123 seconds' as at,
                case when n > 29997 then null when n % 100 = 0 then 'Failed' else 'Succeeded' end as outcome,
                case when n > 29997 then 'running' when n % 100 = 0 then 'failed' else 'success' end as state
              from generate_series(1, 30000) n) x;
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
        RowFilter[][] lists =
        [
            [],
            [new("dag_id", "d1")],
            [new("state", "running")],
            [new("state", "failed")],
            [new("dag_id", "d1"), new("state", "failed")],
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

    static Task<JsonElement> List(RunningService scheduler, string path) =>
        scheduler.Read<JsonElement>($"/api/v2/dags/{path}", Cancelled);

    static string IdOf(JsonElement run) => run.GetProperty("dag_run_id").GetString()!;
}
