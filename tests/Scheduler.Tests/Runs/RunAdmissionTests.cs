using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Queued runs of a running scheduler.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class RunAdmissionTests : IDisposable
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-admission-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Runs_beyond_the_limit_wait_and_start_in_order_of_their_logical_dates()
    {
        using var infrastructure = await TestInfrastructure.Prepare("admission", Cancelled);
        Write("one.yaml", "dag: one\nmax_active_runs: 1\ntasks: { x: { noop: true, queue: nobody } }");
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Known(scheduler, "one");
        await Trigger(scheduler, "one", new { dag_run_id = "a", logical_date = "2026-03-09T00:00:00Z" });
        await Is(scheduler, "a", "running");
        await Trigger(scheduler, "one", new { dag_run_id = "b", logical_date = "2026-03-03T00:00:00Z" });
        await Trigger(
            scheduler,
            "one",
            new
            {
                dag_run_id = "c",
                logical_date = "2026-03-01T00:00:00Z",
                note = "why",
            }
        );
        await Trigger(
            scheduler,
            "one",
            new
            {
                dag_run_id = "late",
                logical_date = "2026-01-01T00:00:00Z",
                run_after = "2999-01-01T00:00:00Z",
            }
        );
        foreach (var waiting in new[] { "b", "c", "late" })
            await Is(scheduler, waiting, "queued");
        Assert.Equal("why", (await Get(scheduler, "c")).GetProperty("note").GetString());

        await End(scheduler, "a");
        await Is(scheduler, "c", "running");
        await Is(scheduler, "b", "queued");
        await End(scheduler, "c");
        await Is(scheduler, "b", "running");
        await End(scheduler, "b");
        await Is(scheduler, "b", "success");
        await Is(scheduler, "late", "queued"); // its time has not come
        Assert.Equal(
            0L,
            await Execute(scheduler, $"select count(*) from {WaitingRuns.Table} where admitted_at is not null")
        );
    }

    [Fact]
    public async Task However_many_decide_at_the_same_time_no_more_runs_are_active_than_the_limit()
    {
        using var infrastructure = await TestInfrastructure.Prepare("admitrace", Cancelled);
        Write("few.yaml", "dag: few\nmax_active_runs: 3\ntasks: { x: { noop: true, queue: nobody } }");
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Known(scheduler, "few");
        await Task.WhenAll(
            Enumerable.Range(0, 12).Select(i => Trigger(scheduler, "few", new { dag_run_id = $"r{i}" }))
        );
        var admission = scheduler.Get<RunAdmission>();
        for (var ended = 0; ended < 12; )
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => admission.Admit("few", Cancelled)));
            var running = (await Runs(scheduler, "few", 12)).Where(x =>
                x.GetProperty("state").GetString() == "running"
            );
            var ids = running.Select(x => x.GetProperty("dag_run_id").GetString()!).ToList();
            Assert.Equal(Math.Min(3, 12 - ended), ids.Count);
            foreach (var id in ids)
                await End(scheduler, id, prefix: "");
            ended += ids.Count;
        }
    }

    [Fact]
    public async Task A_run_for_later_starts_then_and_a_choice_that_was_not_carried_out_is_taken_up()
    {
        using var infrastructure = await TestInfrastructure.Prepare("runafter", Cancelled);
        Write("free.yaml", "dag: free\ntasks: { x: { noop: true, queue: nobody } }");
        Write("one.yaml", "dag: one\nmax_active_runs: 1\ntasks: { x: { noop: true, queue: nobody } }");
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Known(scheduler, "free");
        var at = TimeProvider.System.GetUtcNow().AddSeconds(2);
        await Trigger(scheduler, "free", new { dag_run_id = "soon", run_after = at });
        await Is(scheduler, "soon", "running");
        Assert.True((await Get(scheduler, "soon")).GetProperty("start_date").GetDateTimeOffset() >= at.AddSeconds(-1));

        // as a scheduler leaves it that ended between its choice and the start
        var start = Plans.Start(Plans.Dag("dag: one\nmax_active_runs: 1\ntasks: { x: { noop: true, queue: nobody } }"));
        var id = RunId.Manual("one", "chosen");
        await scheduler
            .Get<StreamStore<Run>>()
            .Transact(
                id.Value,
                run => RunDecider.Decide(run, start with { RunId = id, RunAfter = start.At.AddYears(900) }),
                Cancelled
            );
        await Execute(scheduler, $"update {WaitingRuns.Table} set admitted_at = now()");
        await scheduler.Get<RunAdmission>().Admit("one", Cancelled);
        await Is(scheduler, "chosen", "running");
    }

    [Fact]
    public async Task Ticks_wait_while_the_DAG_is_at_its_limit_and_go_on_when_a_run_ends()
    {
        using var infrastructure = await TestInfrastructure.Prepare("limitticks", Cancelled);
        var start = TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(-3);
        Write(
            "etl.yaml",
            $"dag: etl\nmax_active_runs: 2\nschedule: {{ cron: '@daily', interval: true, start: {start:yyyy-MM-dd}, "
                + "catchup: true }\ntasks: { x: { noop: true, queue: nobody } }"
        );
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var first = await Runs(scheduler, "etl", 2);
        Assert.Equal(start, first[0].GetProperty("logical_date").GetDateTimeOffset().UtcDateTime);
        await scheduler.Get<RunAdmission>().Admit("etl", Cancelled);
        Assert.Equal(2, (await Runs(scheduler, "etl", 2)).Count);
        await Is(scheduler, first[0].GetProperty("dag_run_id").GetString()!, "running", prefix: "");

        await End(scheduler, first[0].GetProperty("dag_run_id").GetString()!, prefix: "");
        var third = (await Runs(scheduler, "etl", 3))[2];
        Assert.Equal(start.AddDays(2), third.GetProperty("logical_date").GetDateTimeOffset().UtcDateTime);
        await Is(scheduler, third.GetProperty("dag_run_id").GetString()!, "running", prefix: "");
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_named()
    {
        using var infrastructure = await TestInfrastructure.Prepare("runbodies", Cancelled);
        Write("free.yaml", "dag: free\ntasks: { x: { noop: true, queue: nobody } }");
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Known(scheduler, "free");
        foreach (
            var (body, names) in new (object, string)[]
            {
                (new { note = new string('n', 1001) }, "'note' has 1001 characters; write at most 1000"),
                (new { data_interval_start = "2026-03-01T00:00:00Z" }, "Give both 'data_interval_start'"),
                (
                    new { data_interval_start = "2026-03-01T00:00:00Z", data_interval_end = "2026-02-01T00:00:00Z" },
                    "'data_interval_end' is 2026-02-01"
                ),
                (new { run_after = "tomorrow" }, "$.run_after"),
            }
        )
        {
            var answer = await scheduler.Http.PostAsJsonAsync("/api/v2/dags/free/dagRuns", body, Cancelled);
            Assert.InRange(answer.StatusCode, HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity);
            Assert.Contains(names, await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }
        Assert.Empty(await Runs(scheduler, "free", 0));
    }

    static Task Known(RunningService scheduler, string dag) =>
        Eventually.Is(
            async token => (await scheduler.Http.GetAsync($"/api/v2/dags/{dag}", token)).IsSuccessStatusCode,
            "the DAG",
            Cancelled
        );

    static async Task Trigger(RunningService scheduler, string dag, object body) =>
        Assert.Equal(
            HttpStatusCode.Created,
            (await scheduler.Http.PostAsJsonAsync($"/api/v2/dags/{dag}/dagRuns", body, Cancelled)).StatusCode
        );

    // Manual runs by their keys.
    static async Task<JsonElement> Get(RunningService scheduler, string key, string? prefix = null)
    {
        var runs = await Runs(scheduler, "~", 0);
        return
            runs.Single(x =>
                x.GetProperty("dag_run_id").GetString() is { } id
                && (prefix is null ? id.EndsWith($"__{key}", StringComparison.Ordinal) : id == key)
            )
                is var row
            ? await scheduler.Read<JsonElement>(
                $"/api/v2/dags/~/dagRuns/{row.GetProperty("dag_run_id").GetString()}",
                Cancelled
            )
            : default;
    }

    static Task Is(RunningService scheduler, string key, string state, string? prefix = null) =>
        Eventually.Is(
            async _ => (await Get(scheduler, key, prefix)).GetProperty("state").GetString() == state,
            $"run {key} to be {state}",
            Cancelled
        );

    // As the executor would report it.
    static async Task End(RunningService scheduler, string key, string? prefix = null)
    {
        var id = (await Get(scheduler, key, prefix)).GetProperty("dag_run_id").GetString()!;
        await scheduler
            .Get<StreamStore<Run>>()
            .Transact(id, run => RunDecider.Decide(run, Plans.Succeeded("x")), Cancelled);
    }

    static async Task<object?> Execute(RunningService scheduler, string sql)
    {
        await using var command = scheduler.Get<NpgsqlDataSource>().CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancelled);
    }

    static async Task<IReadOnlyList<JsonElement>> Runs(RunningService scheduler, string dag, int atLeast) =>
        await Eventually.Get(
            async token =>
            {
                var answer = await scheduler.Http.GetAsync(
                    $"/api/v2/dags/{dag}/dagRuns?limit=100&order_by=logical_date",
                    token
                );
                if (!answer.IsSuccessStatusCode)
                    return null; // not read yet
                var runs = JsonElement
                    .Parse(await answer.Content.ReadAsStringAsync(token))
                    .GetProperty("dag_runs")
                    .EnumerateArray()
                    .ToList();
                return runs.Count >= atLeast ? runs : null;
            },
            $"{atLeast} runs of {dag}",
            Cancelled
        );

    void Write(string file, string yaml) => File.WriteAllText(Path.Combine(folder, file), yaml);
}
