using System.Globalization;
using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Schedules;

/// <summary>Schedules of a running scheduler, by the runs they make.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class ScheduledRunTests : IDisposable
{
    const string Task = "tasks: { x: { noop: true, queue: nobody, env: { FROM: '{{ data_interval_start }}' } } }";

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-dags-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_continuous_schedule_begins_the_next_run_where_the_last_ended()
    {
        using var infrastructure = await TestInfrastructure.Prepare("continuous", Cancelled);
        Write("loop.yaml", $"dag: loop\nschedule: '@continuous'\n{Task}");
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var first = Assert.Single(await Runs(scheduler, "loop", 1));

        await End(scheduler, first);
        var runs = await Runs(scheduler, "loop", 2);

        Assert.Equal(2, runs.Count);
        Assert.Equal(first.End, runs[1].Start);
        Assert.True(runs[1].Start < runs[1].End);
        await End(scheduler, runs[1]);
        Assert.Equal(3, (await Runs(scheduler, "loop", 3)).Count);
    }

    [Fact]
    public async Task Once_is_one_run_also_of_a_DAG_that_was_edited_and_an_interval_covers_the_time_before_its_tick()
    {
        using var infrastructure = await TestInfrastructure.Prepare("intervals", Cancelled);
        var start = TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(-3);
        var from = start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Write("once.yaml", $"dag: once\nschedule: '@once'\n{Task}");
        Write(
            "etl.yaml",
            $"dag: etl\nschedule: {{ cron: '@daily', interval: true, start: {from}, catchup: true }}\n{Task}"
        );
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var only = Assert.Single(await Runs(scheduler, "once", 1));

        Write("once.yaml", $"dag: once\nschedule: '@once'\nparams: {{ edited: 'yes' }}\n{Task}");
        var days = await Runs(scheduler, "etl", 3);
        Assert.Equal([0, 1, 2], days.Take(3).Select(x => (x.Start.UtcDateTime - start).Days));
        Assert.All(days, x => Assert.Equal(TimeSpan.FromDays(1), x.End - x.Start));
        Assert.All(days, x => Assert.Equal(x.Start, x.LogicalDate));
        var events = await scheduler.Read<JsonElement>($"/api/v2/streams/run-{days[1].Id}", Cancelled);
        Assert.Contains($"{start.AddDays(1):yyyy-MM-dd}T00:00:00Z", events.GetRawText(), StringComparison.Ordinal);

        await Eventually.Is(
            async token =>
                (await scheduler.Read<JsonElement>("/api/v2/dags/once", token))
                    .GetProperty("params")
                    .TryGetProperty("edited", out _),
            "the edited DAG",
            Cancelled
        );
        Assert.Equal(only, Assert.Single(await Runs(scheduler, "once", 1)));
    }

    // As the executor would report it.
    static Task End(RunningService scheduler, ScheduledRun run) =>
        scheduler
            .Get<StreamStore<Run>>()
            .Transact(
                run.Id,
                x =>
                    RunDecider.Decide(
                        x,
                        new ReportAttempt(
                            "x",
                            1,
                            Succeeded: true,
                            "",
                            "",
                            0,
                            Plans.Nothing,
                            TimeProvider.System.GetUtcNow()
                        )
                    ),
                Cancelled
            );

    static async Task<IReadOnlyList<ScheduledRun>> Runs(RunningService scheduler, string dag, int atLeast) =>
        await Eventually.Get(
            async token =>
            {
                var answer = await scheduler.Http.GetAsync($"/api/v2/dags/{dag}/dagRuns?limit=100", token);
                if (!answer.IsSuccessStatusCode)
                    return null; // not read yet
                var runs = JsonElement
                    .Parse(await answer.Content.ReadAsStringAsync(token))
                    .GetProperty("dag_runs")
                    .EnumerateArray()
                    .Select(ScheduledRun.Of)
                    .OrderBy(x => x.End)
                    .ToList();
                return runs.Count >= atLeast ? runs : null;
            },
            $"{atLeast} runs of {dag}",
            Cancelled
        );

    void Write(string file, string yaml) => File.WriteAllText(Path.Combine(folder, file), yaml);

    sealed record ScheduledRun(string Id, DateTimeOffset LogicalDate, DateTimeOffset Start, DateTimeOffset End)
    {
        public static ScheduledRun Of(JsonElement run) =>
            new(
                run.GetProperty("dag_run_id").GetString()!,
                run.GetProperty("logical_date").GetDateTimeOffset(),
                run.GetProperty("data_interval_start").GetDateTimeOffset(),
                run.GetProperty("data_interval_end").GetDateTimeOffset()
            );
    }
}
