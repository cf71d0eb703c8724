using System.Net.Http.Json;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Contracts;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using Npgsql;
using static Nightshift.Scheduler.Tests.Plans;
using TaskFailed = Nightshift.Scheduler.Runs.TaskFailed;
using TaskUpForRetry = Nightshift.Scheduler.Runs.TaskUpForRetry;

namespace Nightshift.Scheduler.Tests.Runs;

[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class RunWatchdogTests
{
    static readonly TimeSpan Minute = RunWatchdog.Period;

    static Run After(params RunEvent[] events) => events.Aggregate(Run.None, Run.Evolve);

    static readonly RunEvent[] Waits = [Queued(ExtractThenLoad), TaskQueued(ExtractThenLoad, "extract", 1)];

    [Fact]
    public void An_attempt_without_news_for_a_minute_is_asked_for_again_with_the_same_command()
    {
        Assert.Empty(RunWatchdog.Silent(After(Waits), T0 + Minute - TimeSpan.FromSeconds(1)));
        var ask = Assert.Single(RunWatchdog.Silent(After(Waits), T0 + Minute));
        Assert.Equal((AttemptId.Of(Id.Value, "extract", 1), "default"), (ask.AttemptId, ask.Queue));
        var started = After([.. Waits, new TaskStarted("extract", 1, T0 + Minute)]);
        Assert.Empty(RunWatchdog.Silent(started, T0 + Minute));
        Assert.Single(RunWatchdog.Silent(started, T0 + 2 * Minute));
    }

    [Fact]
    public void What_waits_for_its_retry_or_is_over_is_not_asked_for()
    {
        RunEvent[] ends =
        [
            new TaskUpForRetry("extract", 1, "exit", "", 64, T0, T0),
            new TaskRequeued("extract", 1, "lost", "", 64, T0, T0),
            new TaskSucceeded("extract", 1, 64, Nothing, T0),
            new TaskFailed("extract", 1, "exit", "", 64, T0),
        ];
        foreach (var end in ends)
            Assert.Empty(RunWatchdog.Silent(After([.. Waits, end]), T0 + Minute));
    }

    [Fact]
    public void A_long_backlog_is_asked_for_in_turns()
    {
        const int tasks = RunWatchdog.MostAtOnce * 2 + 1;
        var dag = ExtractThenLoad with
        {
            Tasks = [.. Enumerable.Range(0, tasks).Select(i => ExtractThenLoad.Tasks[0] with { TaskId = $"t{i}" })],
        };
        var run = RunDecider.Decide(Run.None, Start(dag)).Aggregate(Run.None, Run.Evolve);
        var asked = Enumerable.Range(1, 3).SelectMany(i => RunWatchdog.Silent(run, T0 + i * Minute)).ToList();
        Assert.Equal(tasks, asked.Select(x => x.AttemptId).Distinct().Count());
        Assert.Equal(tasks, asked.Count);
    }

    [Theory]
    [InlineData("retry:extract:2", "extract", 2)]
    [InlineData("retry:group.extract:2", "group.extract", 2)]
    [InlineData("retry:extract:7:2", "extract:7", 2)]
    public void A_retry_timer_is_read_from_both_ends(string purpose, string task, int attempt) =>
        Assert.Equal((task, attempt), RunStream.Retry(purpose));

    [Theory]
    [InlineData("watchdog")]
    [InlineData("retry:2")]
    public void Another_timer_is_no_retry(string purpose) => Assert.Null(RunStream.Retry(purpose));

    [Fact]
    public void An_open_run_has_one_watchdog_and_one_that_ended_none()
    {
        Assert.Equal([new TimerChange.In("watchdog", Minute)], Timers(Waits[0]));
        Assert.Empty(Timers(Waits[1]));
        Assert.Equal([new TimerChange.Off("watchdog")], Timers(Finished(RunOutcome.Failed)));
        Assert.Equal([new TimerChange.In("watchdog", Minute)], Timers(new TaskCleared("extract", 1, 128, "c", [], T0)));
    }

    static IEnumerable<TimerChange> Timers(RunEvent e) => RunStream.Definition.Timers(Run.None, e);

    /// <summary>A clock that can be put forward.</summary>
    sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }

    // Nobody answers, as when the broker has lost the message: the command comes again, and again, and the answer ends
    // the run.
    [Fact]
    public async Task A_message_that_was_lost_is_sent_again_until_the_run_ends()
    {
        var cancelled = TestContext.Current.CancellationToken;
        using var infrastructure = await TestInfrastructure.Prepare("watchdog", cancelled);
        var queue = infrastructure.Postgres.Database!.Replace('_', '-');
        var folder = Directory.CreateTempSubdirectory("nightshift-test-");
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "lost.yaml"),
            $"{{ dag: lost, tasks: {{ only: {{ run: 'true', queue: {queue}, env: {{ R: '{{{{ var.region }}}}' }} }} }} }}",
            cancelled
        );
        var heard = Channel.CreateUnbounded<StartAttempt>();
        var executor = infrastructure.Bus(bus =>
            bus.ReceiveEndpoint(
                ExecutorQueue.OfTasks(queue),
                x => x.Handler<StartAttempt>(m => heard.Writer.WriteAsync(m.Message).AsTask())
            )
        );
        await executor.StartAsync(cancelled);
        var clock = new Clock();
        await using var scheduler = await RunningScheduler.Start(
            infrastructure,
            folder.FullName,
            x => x.AddSingleton<TimeProvider>(clock)
        );
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/lost", token)).IsSuccessStatusCode,
            "the DAG to be live",
            cancelled
        );
        var region = new { key = "region", value = "eu" };
        (await scheduler.Http.PostAsJsonAsync("/api/v2/variables", region, cancelled)).EnsureSuccessStatusCode();
        await Trigger(scheduler, cancelled);
        var first = await heard.Reader.ReadAsync(cancelled);
        (await scheduler.Http.DeleteAsync("/api/v2/variables/region", cancelled)).EnsureSuccessStatusCode();
        for (var again = 1; again <= 2; again++)
        {
            clock.Ahead = again * Minute;
            await MakeDue(scheduler, cancelled);
            var same = await heard.Reader.ReadAsync(cancelled);
            Assert.Equal((first.AttemptId, "eu"), (same.AttemptId, same.Env["R"])); // whatever the variable is now
        }
        await executor.Publish(
            new AttemptFinished(
                first.AttemptId,
                first.RunId,
                first.TaskId,
                1,
                true,
                "completed",
                "",
                0,
                64,
                Nothing,
                T0
            ),
            cancelled
        );
        await Eventually.Is(
            async token => (await scheduler.Get<StreamStore<Run>>().Load(first.RunId, token)).State.Outcome is not null,
            "the run to end",
            cancelled
        );
        Assert.Equal(0L, await Timers(scheduler, "select count(*) from scheduler.timer", cancelled));
        await executor.StopAsync(cancelled);
        await infrastructure.DeleteQueue(ExecutorQueue.OfTasks(queue), cancelled);
        folder.Delete(recursive: true);
    }

    static async Task Trigger(RunningService scheduler, CancellationToken cancellationToken)
    {
        using var body = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        var answer = await scheduler.Http.PostAsync("/api/v2/dags/lost/dagRuns", body, cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    static Task<object?> MakeDue(RunningService scheduler, CancellationToken cancellationToken) =>
        Timers(
            scheduler,
            "update scheduler.timer set due_at = clock_timestamp() where purpose = 'watchdog' returning 1",
            cancellationToken
        );

    static async Task<object?> Timers(RunningService scheduler, string sql, CancellationToken cancellationToken)
    {
        await using var command = scheduler.Get<NpgsqlDataSource>().CreateCommand(sql);
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
