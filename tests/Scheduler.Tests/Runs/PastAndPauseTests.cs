using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Runs of a running scheduler that wait for the run before, or for their DAG to be unpaused.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class PastAndPauseTests : IDisposable
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-past-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_task_starts_when_the_same_task_of_the_run_before_has_succeeded()
    {
        using var infrastructure = await TestInfrastructure.Prepare("past", Cancelled);
        await using var scheduler = await Start(
            infrastructure,
            "dag: d\ntasks: { x: { noop: true, queue: nobody, depends_on_past: true } }"
        );
        await Trigger(scheduler, "b", "2026-03-02");
        await Is(scheduler, "b", "queued"); // there is none before it
        await Trigger(scheduler, "d", "2026-03-04");
        await Trigger(scheduler, "c", "2026-03-03");
        await Is(scheduler, "c", "none");
        await Is(scheduler, "d", "none");

        await End(scheduler, "b", succeeded: true);
        await Is(scheduler, "c", "queued");
        await Is(scheduler, "d", "none");
        await End(scheduler, "c", succeeded: false);
        await Eventually.Is(async _ => await State(scheduler, "c") == "failed", "the end of c", Cancelled);
        await scheduler.Get<PastRuns>().Check("manual__d__d", Cancelled);
        await Is(scheduler, "d", "none");
    }

    [Fact]
    public async Task A_paused_DAG_queues_runs_and_starts_them_when_it_is_unpaused()
    {
        using var infrastructure = await TestInfrastructure.Prepare("pause", Cancelled);
        await using var scheduler = await Start(
            infrastructure,
            "dag: d\nschedule: { cron: '0 0 1 1 *', start: 2024-01-01, catchup: false }\n"
                + "tasks: { x: { noop: true, queue: nobody } }",
            known: false
        );
        await Eventually.Is(async _ => await Count(scheduler) == 1, "the first run", Cancelled);
        await Pause(scheduler, paused: true);
        await Pause(scheduler, paused: true); // already so
        await Trigger(scheduler, "a", "2026-03-02");
        Assert.Equal("queued", await State(scheduler, "a"));
        await scheduler.Get<RunAdmission>().Admit("d", Cancelled);
        Assert.Equal("queued", await State(scheduler, "a"));

        await Pause(scheduler, paused: false);
        await Is(scheduler, "a", "queued");
        Assert.Equal("running", await State(scheduler, "a"));
        Assert.Equal(2, await Count(scheduler));
        foreach (
            var (path, body, status) in new (string, object, HttpStatusCode)[]
            {
                ("d", new { }, HttpStatusCode.UnprocessableEntity),
                ("nosuch", new { is_paused = true }, HttpStatusCode.NotFound),
            }
        )
            Assert.Equal(
                status,
                (await scheduler.Http.PatchAsJsonAsync($"/api/v2/dags/{path}", body, Cancelled)).StatusCode
            );
    }

    [Fact]
    public async Task A_DAG_pauses_itself_when_as_many_runs_have_failed_one_after_the_other()
    {
        using var infrastructure = await TestInfrastructure.Prepare("autopause", Cancelled);
        await using var scheduler = await Start(
            infrastructure,
            "dag: d\nmax_consecutive_failed_dag_runs: 2\ntasks: { x: { noop: true, queue: nobody } }"
        );
        foreach (var (key, day, succeeded) in new[] { ("a", 1, false), ("b", 2, true), ("c", 3, false) })
        {
            await Trigger(scheduler, key, $"2026-03-0{day}");
            await End(scheduler, key, succeeded);
            await scheduler.Get<ConsecutiveFailures>().Check("d", Cancelled);
            Assert.False(await IsPaused(scheduler));
        }
        await Trigger(scheduler, "e", "2026-03-04");
        await End(scheduler, "e", succeeded: false);
        await Eventually.Is(_ => IsPaused(scheduler), "the DAG to be paused", Cancelled);
        var events = await scheduler.Read<JsonElement>("/api/v2/streams/dag-d", Cancelled);
        Assert.Contains("\"failedRuns\":2", events.GetRawText(), StringComparison.Ordinal);
    }

    async Task<RunningService> Start(TestInfrastructure infrastructure, string yaml, bool known = true)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "d.yaml"), yaml, Cancelled);
        var scheduler = await RunningScheduler.Start(infrastructure, folder);
        if (known)
            await Eventually.Is(
                async token => (await scheduler.Http.GetAsync("/api/v2/dags/d", token)).IsSuccessStatusCode,
                "the DAG",
                Cancelled
            );
        return scheduler;
    }

    static async Task Trigger(RunningService scheduler, string key, string date) =>
        Assert.Equal(
            HttpStatusCode.Created,
            (
                await scheduler.Http.PostAsJsonAsync(
                    "/api/v2/dags/d/dagRuns",
                    new { dag_run_id = key, logical_date = $"{date}T00:00:00Z" },
                    Cancelled
                )
            ).StatusCode
        );

    static async Task Pause(RunningService scheduler, bool paused)
    {
        var answer = await scheduler.Http.PatchAsJsonAsync("/api/v2/dags/d", new { is_paused = paused }, Cancelled);
        answer.EnsureSuccessStatusCode();
        Assert.Equal(paused, await IsPaused(scheduler));
    }

    static async Task<bool> IsPaused(RunningService scheduler) =>
        (await scheduler.Read<JsonElement>("/api/v2/dags/d", Cancelled)).GetProperty("is_paused").GetBoolean();

    static async Task<int> Count(RunningService scheduler)
    {
        var answer = await scheduler.Http.GetAsync("/api/v2/dags/d/dagRuns", Cancelled);
        return answer.IsSuccessStatusCode
            ? JsonElement
                .Parse(await answer.Content.ReadAsStringAsync(Cancelled))
                .GetProperty("dag_runs")
                .GetArrayLength()
            : 0;
    }

    static async Task<string?> State(RunningService scheduler, string key) =>
        (await scheduler.Read<JsonElement>($"/api/v2/dags/d/dagRuns/manual__d__{key}", Cancelled))
            .GetProperty("state")
            .GetString();

    // Of its one task.
    static Task Is(RunningService scheduler, string key, string state) =>
        Eventually.Is(
            async token =>
                (await scheduler.Read<JsonElement>($"/api/v2/dags/d/dagRuns/manual__d__{key}/taskInstances/x", token))
                    .GetProperty("state")
                    .GetString() == state,
            $"task x of {key} to be {state}",
            Cancelled
        );

    // As the executor would report it.
    static Task End(RunningService scheduler, string key, bool succeeded) =>
        scheduler
            .Get<StreamStore<Run>>()
            .Transact(
                $"manual__d__{key}",
                x => RunDecider.Decide(x, succeeded ? Plans.Succeeded("x") : Plans.Failed("x")),
                Cancelled
            );
}
