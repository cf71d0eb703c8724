using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Requirements;

/// <summary>Runs that wait for another DAG, in a running scheduler.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class RunningRequirementTests : IDisposable
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-requires-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_run_starts_as_soon_as_the_latest_run_of_the_required_DAG_succeeds_and_not_before()
    {
        using var infrastructure = await TestInfrastructure.Prepare("requires", Cancelled);
        Write("report", "requires: check");
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Known(scheduler, "report");

        // there is no such DAG: that is said, and the run waits
        await Trigger(scheduler, "report", "a");
        await Waits(scheduler, "report", "a", "There is no DAG 'check', which this one requires");
        var errors = await scheduler.Read<JsonElement>("/api/v2/importErrors", Cancelled);
        Assert.Contains(
            "DAG 'report' requires 'check', and there is no such DAG",
            Assert.Single(errors.GetProperty("import_errors").EnumerateArray()).GetProperty("stack_trace").GetString()
        );

        Write("check", "");
        await Known(scheduler, "check");
        await Trigger(scheduler, "check", "bad");
        await Waits(scheduler, "report", "a", "manual__check__bad is running");
        await End(scheduler, "check", "bad", "exit 1");
        await Waits(scheduler, "report", "a", "manual__check__bad failed at");
        await Trigger(scheduler, "check", "good");
        await Waits(scheduler, "report", "a", "manual__check__good is running");
        await End(scheduler, "check", "good", "");
        await Is(scheduler, "report", "a", "running");

        // met already: at once; not any more while a newer run is at work
        await Trigger(scheduler, "report", "b");
        await Is(scheduler, "report", "b", "running");
        await Trigger(scheduler, "check", "newer");
        await Trigger(scheduler, "report", "c");
        await Waits(scheduler, "report", "c", "manual__check__newer is running");
        await End(scheduler, "check", "newer", "");
        await Is(scheduler, "report", "c", "running");
    }

    // A tick each second, and for some seconds nothing that lets a run start.
    [Fact]
    public async Task Ticks_do_not_pile_up_while_a_run_waits()
    {
        using var infrastructure = await TestInfrastructure.Prepare("requiresticks", Cancelled);
        Write("check", "");
        Write("every", "requires: [check]\nschedule: \"* * * * * *\"");
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Known(scheduler, "every");
        await Known(scheduler, "check");
        await Eventually.Is(async _ => await Count(scheduler, "every") == 1, "the first run to be queued", Cancelled);
        await Eventually.Is(
            async _ =>
                (await scheduler.Read<JsonElement>("/api/v2/dags/every", Cancelled))
                    .GetProperty("next_dagrun_run_after")
                    .GetDateTimeOffset() < TimeProvider.System.GetUtcNow().AddSeconds(-2),
            "two ticks to be overdue",
            Cancelled
        );
        Assert.Equal(1, await Count(scheduler, "every"));
        await Trigger(scheduler, "check", "good");
        await End(scheduler, "check", "good", "");
        await Eventually.Is(async _ => await Count(scheduler, "every") > 1, "the schedule to go on", Cancelled);
    }

    void Write(string dag, string fields) =>
        File.WriteAllText(
            Path.Combine(folder, $"{dag}.yaml"),
            $"dag: {dag}\n{fields}\ntasks: {{ x: {{ noop: true, queue: nobody }} }}\n"
        );

    static Task Known(RunningService scheduler, string dag) =>
        Eventually.Is(
            async _ =>
            {
                using var answer = await scheduler.Http.GetAsync($"/api/v2/dags/{dag}", Cancelled);
                return answer.IsSuccessStatusCode;
            },
            $"DAG {dag} to be live",
            Cancelled
        );

    static async Task Trigger(RunningService scheduler, string dag, string key)
    {
        using var answer = await scheduler.Http.PostAsJsonAsync(
            $"/api/v2/dags/{dag}/dagRuns",
            new { dag_run_id = key },
            Cancelled
        );
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    static async Task End(RunningService scheduler, string dag, string key, string behaviour)
    {
        await Is(scheduler, dag, key, "running");
        var report = Runs.Playback.Report("x", 1, behaviour);
        await scheduler
            .Get<StreamStore<Run>>()
            .Transact($"manual__{dag}__{key}", run => RunDecider.Decide(run, report), Cancelled);
    }

    static Task Is(RunningService scheduler, string dag, string key, string state) =>
        Eventually.Is(
            async _ =>
                (await scheduler.Read<JsonElement>($"/api/v2/dags/{dag}/dagRuns/manual__{dag}__{key}", Cancelled))
                    .GetProperty("state")
                    .GetString() == state,
            $"run {key} to be {state}",
            Cancelled
        );

    static async Task Waits(RunningService scheduler, string dag, string key, string why)
    {
        var path = $"/api/v2/dags/{dag}/dagRuns/manual__{dag}__{key}";
        await Eventually.Is(
            async _ =>
                (await scheduler.Read<JsonElement>($"{path}/dependencies", Cancelled))
                    .ToString()
                    .Contains(JsonEncodedText.Encode(why).ToString(), StringComparison.Ordinal),
            $"run {key} to wait: {why}",
            Cancelled
        );
        await Is(scheduler, dag, key, "queued");
    }

    static async Task<long> Count(RunningService scheduler, string dag) =>
        (await scheduler.Read<JsonElement>($"/api/v2/dags/{dag}/dagRuns", Cancelled))
            .GetProperty("total_entries")
            .GetInt64();
}
