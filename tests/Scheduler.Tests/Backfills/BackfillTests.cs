using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Backfills;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Backfills;

/// <summary>Backfills of a running scheduler, by the runs they make.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class BackfillTests : IDisposable
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-backfill-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_backfill_makes_the_runs_of_its_dates_two_at_a_time_and_once_each()
    {
        using var infrastructure = await TestInfrastructure.Prepare("backfill", Cancelled);
        File.WriteAllText(
            Path.Combine(folder, "daily.yaml"),
            "dag: daily\nschedule: { cron: '@daily', interval: true }\nmax_active_runs: 1\nparams: { who: me }\n"
                + "tasks: { x: { noop: true, queue: nobody, env: { D: '{{ data_interval_end }}' } } }"
        );
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/daily", token)).IsSuccessStatusCode,
            "the DAG",
            Cancelled
        );
        var body = new
        {
            dag_id = "daily",
            from_date = "2025-03-01T00:00:00Z",
            to_date = "2025-03-04T00:00:00Z",
            run_backwards = true,
            max_active_runs = 2,
            dag_run_conf = new { who = "you" },
        };
        var dry = await Post(scheduler, "backfills/dry_run", body);
        Assert.Equal((4, "2025-03-04T00:00:00"), (dry.GetProperty("total_entries").GetInt32(), First(dry)[..19]));
        Assert.Empty(await Runs(scheduler));

        var created = await Post(scheduler, "backfills", body);
        var id = created.GetProperty("id").GetInt64();
        var runs = await Count(scheduler, 2);
        Assert.Equal([4, 3], runs.Select(Day).Reverse());
        Assert.All(runs, x => Assert.Equal(("backfill", "running"), (Text(x, "run_type"), Text(x, "state"))));
        var conflict = await scheduler.Http.PostAsJsonAsync("/api/v2/backfills", body, Cancelled);
        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);

        await Put(scheduler, id, "pause");
        await End(scheduler, runs[0], succeeded: false);
        await Eventually.Is(
            async _ => (await Get(scheduler, id)).GetProperty("failed_runs").GetInt32() == 1,
            "the end of a run",
            Cancelled
        );
        Assert.Equal(2, (await Runs(scheduler)).Count);
        Assert.Equal("paused", Text(await Get(scheduler, id), "state"));

        await Put(scheduler, id, "unpause");
        runs = await Count(scheduler, 3);
        await scheduler.Get<BackfillRuns>().Advance(id, Cancelled); // repeats change nothing
        Assert.Equal(3, (await Runs(scheduler)).Count);
        await End(scheduler, runs.Single(x => Day(x) == 4), succeeded: true);
        runs = await Count(scheduler, 4);
        foreach (var run in runs.Where(x => Text(x, "state") == "running"))
            await End(scheduler, run, succeeded: true);
        await Eventually.Is(
            async _ => Text(await Get(scheduler, id), "state") == "completed",
            "the end of the backfill",
            Cancelled
        );
        var done = await Get(scheduler, id);
        Assert.Equal(
            (4, 3, 1),
            (
                done.GetProperty("requested_runs").GetInt32(),
                done.GetProperty("succeeded_runs").GetInt32(),
                done.GetProperty("failed_runs").GetInt32()
            )
        );
        var whole = await scheduler.Read<JsonElement>(
            $"/api/v2/dags/~/dagRuns/{Text(runs[0], "dag_run_id")}",
            Cancelled
        );
        Assert.Equal("you", whole.GetProperty("conf").GetProperty("who").GetString());
        Assert.Equal(1, whole.GetProperty("data_interval_end").GetDateTimeOffset().Day - Day(whole));

        // the failed date again, by a run of its own
        var again = await Post(
            scheduler,
            "backfills",
            new
            {
                dag_id = "daily",
                from_date = "2025-03-01T00:00:00Z",
                to_date = "2025-03-04T00:00:00Z",
                reprocess_behavior = "failed",
            }
        );
        runs = await Count(scheduler, 5);
        var second = runs.Single(x => Text(x, "state") == "running");
        Assert.Equal(3, Day(second));
        await Put(scheduler, again.GetProperty("id").GetInt64(), "cancel");
        await Put(scheduler, again.GetProperty("id").GetInt64(), "cancel"); // already so
        await End(scheduler, second, succeeded: true);
        var list = await scheduler.Read<JsonElement>("/api/v2/backfills?dag_id=daily", Cancelled);
        Assert.Equal(
            ["cancelled", "completed"],
            list.GetProperty("backfills").EnumerateArray().Select(x => Text(x, "state"))
        );
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_named_and_runs_that_were_requested_are_made_after_a_crash()
    {
        using var infrastructure = await TestInfrastructure.Prepare("backfillbad", Cancelled);
        File.WriteAllText(
            Path.Combine(folder, "daily.yaml"),
            "dag: daily\nschedule: '@daily'\ntasks: { x: { noop: true, queue: nobody } }"
        );
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/daily", token)).IsSuccessStatusCode,
            "the DAG",
            Cancelled
        );
        const string range =
            "\"dag_id\":\"daily\",\"from_date\":\"2025-03-01T00:00:00Z\",\"to_date\":\"2025-03-02T00:00:00Z\"";
        foreach (
            var (request, status, names) in new[]
            {
                ("{}", HttpStatusCode.UnprocessableEntity, "'dag_id' is missing"),
                ("{\"dag_id\":\"daily\"}", HttpStatusCode.UnprocessableEntity, "'from_date' is missing"),
                ($"{{{range},\"reprocess_behavior\":\"all\"}}", HttpStatusCode.UnprocessableEntity, "none, failed"),
                ($"{{{range},\"max_active_runs\":0}}", HttpStatusCode.UnprocessableEntity, "'max_active_runs' is 0"),
                ($"{{{range},\"dag_run_conf\":{{\"n\":\"1\"}}}}", HttpStatusCode.UnprocessableEntity, "no parameter n"),
                ("{\"dag_id\":7}", HttpStatusCode.BadRequest, "$.dag_id"),
                ($"{{{range}}}".Replace("daily", "nosuch"), HttpStatusCode.NotFound, "There is no DAG 'nosuch'"),
            }
        )
        {
            using var content = new StringContent(request, System.Text.Encoding.UTF8, "application/json");
            using var answer = await scheduler.Http.PostAsync("/api/v2/backfills", content, Cancelled);
            Assert.Equal(status, answer.StatusCode);
            Assert.Contains(names, await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await scheduler.Http.PutAsync("/api/v2/backfills/99/pause", null, Cancelled)).StatusCode
        );

        // as a scheduler leaves it that ended between the request and the run
        var dag = Plans.Dag("dag: daily\nschedule: '@daily'\ntasks: { x: { noop: true } }");
        var at = new DateTimeOffset(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);
        var create = new CreateBackfill(
            50,
            dag,
            new(at, at, RunBackwards: false, ReprocessBehavior.None, 1),
            ParamConf.None,
            "ada",
            ActiveBackfillId: null,
            Plans.T0
        );
        await scheduler
            .Get<StreamStore<Backfill>>()
            .Transact(
                "50",
                x =>
                    [
                        .. BackfillDecider.Decide(x, create),
                        new BackfillRunRequested(RunId.Backfill("daily", at, 50), at, Plans.T0),
                    ],
                Cancelled
            );
        await scheduler.Get<BackfillRuns>().Advance(50, Cancelled);
        Assert.Equal("backfill__daily__20250301T000000Z_50", Text((await Count(scheduler, 1))[0], "dag_run_id"));
    }

    static async Task<JsonElement> Post(RunningService scheduler, string path, object body)
    {
        using var answer = await scheduler.Http.PostAsJsonAsync($"/api/v2/{path}", body, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    static async Task Put(RunningService scheduler, long id, string verb) =>
        (await scheduler.Http.PutAsync($"/api/v2/backfills/{id}/{verb}", null, Cancelled)).EnsureSuccessStatusCode();

    static Task<JsonElement> Get(RunningService scheduler, long id) =>
        scheduler.Read<JsonElement>($"/api/v2/backfills/{id}", Cancelled);

    // The runs of backfills, by logical date.
    static async Task<IReadOnlyList<JsonElement>> Runs(RunningService scheduler) =>
        [
            .. (await scheduler.Read<JsonElement>("/api/v2/dags/daily/dagRuns?order_by=logical_date", Cancelled))
                .GetProperty("dag_runs")
                .EnumerateArray()
                .Where(x => Text(x, "run_type") == "backfill"),
        ];

    static async Task<IReadOnlyList<JsonElement>> Count(RunningService scheduler, int count) =>
        await Eventually.Get(
            async _ => await Runs(scheduler) is var runs && runs.Count >= count ? runs : null,
            $"{count} runs",
            Cancelled
        );

    // As the executor would report it.
    static Task End(RunningService scheduler, JsonElement run, bool succeeded) =>
        scheduler
            .Get<StreamStore<Run>>()
            .Transact(
                Text(run, "dag_run_id"),
                x => RunDecider.Decide(x, succeeded ? Plans.Succeeded("x") : Plans.Failed("x")),
                Cancelled
            );

    static string First(JsonElement dry) => Text(dry.GetProperty("backfills")[0], "logical_date");

    static int Day(JsonElement run) => run.GetProperty("logical_date").GetDateTimeOffset().Day;

    static string Text(JsonElement x, string name) => x.GetProperty(name).GetString()!;
}
