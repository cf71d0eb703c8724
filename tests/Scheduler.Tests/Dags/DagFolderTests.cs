using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Marten;
using MassTransit;
using Nightshift.Contracts;
using Nightshift.Plumbing.Replay;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Runs;
using Nightshift.Scheduler.Schedules;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>A scheduler and its folder, and two schedulers on one database.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class DagFolderTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-dags-").FullName;

    [Fact]
    public async Task A_file_is_live_when_it_appears_and_a_bad_edit_leaves_the_last_good_version()
    {
        using var infrastructure = await TestInfrastructure.Prepare("folder", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        Write("a.yaml", "dag: a\ntasks: { x: { noop: true } }");
        await Eventually.Is(
            async token =>
                (await scheduler.Read<JsonElement>("/api/v2/dags", token)).GetProperty("total_entries").GetInt32() == 1,
            "the new DAG",
            Cancelled
        );
        var good = (await scheduler.Read<JsonElement>("/api/v2/dags/a", Cancelled)).GetProperty("version").GetString();

        Write("a.yaml", "dag: a\ntaks: { x: { noop: true } }");
        var error = await Eventually.Get(
            async token =>
                (await scheduler.Read<JsonElement>("/api/v2/importErrors", token))
                    .GetProperty("import_errors")
                    .EnumerateArray()
                    .Select(x => x.GetProperty("stack_trace").GetString())
                    .FirstOrDefault(),
            "the mistake",
            Cancelled
        );
        Assert.Contains(
            "a.yaml line 2: The file has no key 'taks'; did you mean 'tasks'?",
            error,
            StringComparison.Ordinal
        );
        var old = await scheduler.Read<JsonElement>("/api/v2/dags/a", Cancelled);
        Assert.Equal(
            (good, true),
            (old.GetProperty("version").GetString(), old.GetProperty("has_import_errors").GetBoolean())
        );

        Write("a.yaml", "dag: a\ntasks: { x: { noop: true }, y: { noop: true } }");
        await Eventually.Is(
            async token =>
                (await scheduler.Read<JsonElement>("/api/v2/dags", token)).GetProperty("dags")[0] is var dag
                && dag.GetProperty("version").GetString() != good
                && !dag.GetProperty("has_import_errors").GetBoolean(),
            "the correction",
            Cancelled
        );

        File.Delete(Path.Combine(folder, "a.yaml"));
        await Eventually.Is(
            async token =>
                (await scheduler.Http.GetAsync("/api/v2/dags/a", token)).StatusCode == HttpStatusCode.NotFound,
            "the DAG to go",
            Cancelled
        );
        Assert.Equal(
            0,
            (await scheduler.Read<JsonElement>("/api/v2/importErrors", Cancelled))
                .GetProperty("total_entries")
                .GetInt32()
        );
    }

    [Fact]
    public async Task A_copy_of_a_DAG_takes_its_place_when_the_original_goes()
    {
        using var infrastructure = await TestInfrastructure.Prepare("copy", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        Write("a.yaml", "dag: a\ntasks: { x: { noop: true } }");
        await Eventually.Is(async token => await FileOf(scheduler, "a", token) == "a.yaml", "the DAG", Cancelled);
        Write("b.yaml", "dag: a\ntasks: { x: { noop: true } }");
        await Eventually.Is(
            async token =>
                (await Errors(scheduler, token)).Any(x =>
                    x.Contains("b.yaml line 1: DAG 'a' is already defined by a.yaml", StringComparison.Ordinal)
                ),
            "the copy to be refused",
            Cancelled
        );

        File.Delete(Path.Combine(folder, "a.yaml"));

        await Eventually.Is(
            async token => await FileOf(scheduler, "a", token) == "b.yaml",
            "the copy to be live",
            Cancelled
        );
        await Eventually.Is(async token => (await Errors(scheduler, token)).Count == 0, "the mistake to go", Cancelled);

        Write("0.yaml", "dag: a\ntasks: { y: { noop: true } }");
        await Eventually.Is(
            async token => (await Errors(scheduler, token)).Any(x => x.StartsWith("0.yaml", StringComparison.Ordinal)),
            "another copy to be refused",
            Cancelled
        );
        Write("b.yaml", "dag: b\ntasks: { x: { noop: true } }");
        await Eventually.Is(
            async token =>
                await FileOf(scheduler, "a", token) == "0.yaml" && await FileOf(scheduler, "b", token) == "b.yaml",
            "both DAGs to be live",
            Cancelled
        );
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_reported_and_the_others_are_live()
    {
        using var infrastructure = await TestInfrastructure.Prepare("unreadable", Cancelled);
        File.CreateSymbolicLink(Path.Combine(folder, "a.yaml"), Path.Combine(folder, "elsewhere"));
        Write("b.yaml", "dag: b\ntasks: { x: { noop: true } }");
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(
            async token => await FileOf(scheduler, "b", token) == "b.yaml",
            "the file that can be read",
            Cancelled
        );
        Assert.Contains(
            "make it a file the scheduler may read, or remove it",
            Assert.Single(await Errors(scheduler, Cancelled)),
            StringComparison.Ordinal
        );

        Write("elsewhere", "dag: a\ntasks: { x: { noop: true } }");
        await Eventually.Is(
            async token => await FileOf(scheduler, "a", token) == "a.yaml",
            "the file that can be read now",
            Cancelled
        );
        await Eventually.Is(async token => (await Errors(scheduler, token)).Count == 0, "the mistake to go", Cancelled);
    }

    [Fact]
    public async Task One_file_never_keeps_the_others_from_being_read()
    {
        using var infrastructure = await TestInfrastructure.Prepare("hostile", Cancelled);
        Write("a.yaml", "dag: a\ntasks: { x: { noop: true } }");
        using (var pipe = Process.Start("mkfifo", Path.Combine(folder, "b_pipe.yaml")))
            await pipe.WaitForExitAsync(Cancelled);
        Write("c_hash.yaml", "dag: c\nschedule: \"H 3 * * *\"\ntasks: { x: { noop: true } }");
        Write("d_nul.yaml", "dag: d\ntasks: { x: { run: \"echo hi\\0there\" } }");
        Write("e_deep.yaml", $"dag: e\nx: {new string('[', 100_000)}");
        Write("f_self.yaml", "dag: f\nr: &r [*r, *r]\ntasks: { x: { noop: true } }");
        File.WriteAllBytes(Path.Combine(folder, "g_latin.yaml"), Encoding.Latin1.GetBytes("dag: g # ä"));
        Write("h_large.yaml", $"dag: h # {new string('x', 10 * 1024 * 1024)}");
        File.CreateSymbolicLink(Path.Combine(folder, "i_loop"), ".");
        Directory.CreateDirectory(Path.Combine(folder, "j_folder.yaml"));
        Write("z.yaml", "dag: z\ntasks: { x: { noop: true } }");
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(async token => await FileOf(scheduler, "z", token) == "z.yaml", "the last file", Cancelled);
        Assert.Equal("a.yaml", await FileOf(scheduler, "a", Cancelled));
        var errors = await Errors(scheduler, Cancelled);
        Assert.Equal(
            ["b_pipe", "c_hash", "d_nul", "e_deep", "f_self", "g_latin", "h_large"],
            errors.Select(x => x.Split('.')[0])
        );
        Assert.All(errors, x => Assert.InRange(Encoding.UTF8.GetByteCount(x), 1, 999));

        File.Delete(Path.Combine(folder, "b_pipe.yaml"));
        Write("b_pipe.yaml", "dag: b\ntasks: { x: { noop: true } }");
        await Eventually.Is(
            async token => await FileOf(scheduler, "b", token) == "b_pipe.yaml",
            "the file in the pipe's place",
            Cancelled
        );
    }

    [Fact]
    public async Task A_DAG_that_the_database_refuses_is_named_and_the_others_are_live()
    {
        using var infrastructure = await TestInfrastructure.Prepare("refusing", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using (
            var refuse = database.CreateCommand(
                """
                create function refuse() returns trigger language plpgsql as $$
                begin
                  raise exception 'unsupported Unicode escape sequence' using errcode = '22P05';
                end $$;
                do $$ declare events regclass; begin
                  select c.oid into events from pg_class c where c.relname = 'mt_events' and c.relkind in ('r', 'p');
                  execute format('create trigger refuse before insert on %s for each row
                    when (new.stream_id = ''dag-bad'') execute function refuse()', events);
                end $$
                """
            )
        )
            await refuse.ExecuteNonQueryAsync(Cancelled);
        Write("a.yaml", "dag: bad\ntasks: { x: { noop: true } }");
        Write("b.yaml", "dag: b\ntasks: { x: { noop: true } }");
        await Eventually.Is(async token => await FileOf(scheduler, "b", token) == "b.yaml", "the other", Cancelled);
        Assert.Contains(
            "a.yaml line 1: The DAG cannot be stored (22P05",
            Assert.Single(await Errors(scheduler, Cancelled)),
            StringComparison.Ordinal
        );
        await using (var accept = database.CreateCommand("drop function refuse cascade"))
            await accept.ExecuteNonQueryAsync(Cancelled);
        Write("c.yaml", "dag: c\ntasks: { x: { noop: true } }");
        await Eventually.Is(async token => await FileOf(scheduler, "bad", token) == "a.yaml", "the refused", Cancelled);
    }

    // As a reproducible build or a restore with times kept puts it there.
    [Fact]
    public async Task Other_content_of_the_same_time_and_size_is_a_new_version()
    {
        using var infrastructure = await TestInfrastructure.Prepare("sametime", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        Replace("dag: a\ntasks: { x: { run: echo one } }");
        await Eventually.Is(async token => await FileOf(scheduler, "a", token) is not null, "the DAG", Cancelled);
        Replace("dag: a\ntasks: { x: { run: echo two } }");
        await Eventually.Is(
            async token =>
                (await scheduler.Read<JsonElement>("/api/v2/dags/a", token))
                    .GetProperty("tasks")[0]
                    .GetProperty("command")
                    .EnumerateArray()
                    .Last()
                    .GetString() == "echo two",
            "the new version",
            Cancelled
        );
    }

    void Replace(string yaml)
    {
        var other = Path.Combine(folder, "a.tmp");
        File.WriteAllText(other, yaml);
        File.SetLastWriteTimeUtc(other, DateTime.UnixEpoch);
        File.Move(other, Path.Combine(folder, "a.yaml"), overwrite: true);
    }

    // A DAG published before its file was read as strictly as today: none of its runs can start.
    async Task<RunningService> StartWithADagThatCannotRun(TestInfrastructure infrastructure)
    {
        Write("old.yaml", "dag: old\nparams: { day: '{{ dss }}' }\ntasks: { x: { noop: true } }");
        var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var spec = Plans.Dag("dag: old\nschedule: { every: 1s }\ntasks: { x: { noop: true, queue: nobody } }") with
        {
            Params = new Dictionary<string, string?> { ["day"] = "{{ dss }}" },
        };
        await scheduler
            .Get<StreamStore<Dag>>()
            .Transact(
                "old",
                dag => DagDecider.Decide(dag, new PublishDag(spec, "old.yaml", TimeProvider.System.GetUtcNow())),
                Cancelled
            );
        return scheduler;
    }

    [Fact]
    public async Task A_schedule_goes_on_after_ticks_whose_runs_are_refused()
    {
        using var infrastructure = await TestInfrastructure.Prepare("refused", Cancelled);
        await using var scheduler = await StartWithADagThatCannotRun(infrastructure);
        await Eventually.Is(
            async token => await SettledTicks(scheduler, "dag-old", token) > 2,
            "ticks to pass",
            Cancelled
        );
        Assert.Contains(
            "The schedule of DAG 'old' starts no runs",
            string.Join('\n', await Errors(scheduler, Cancelled)),
            StringComparison.Ordinal
        );
        Assert.Equal(["dag_published", "ticks_refused"], await EventTypes(scheduler, "dag-old"));

        Write("old.yaml", "dag: old\nschedule: { every: 1s }\ntasks: { x: { noop: true, queue: nobody } }");
        await LogicalDates(scheduler, "old", 1);
        await Eventually.Is(async token => (await Errors(scheduler, token)).Count == 0, "the problem to go", Cancelled);
    }

    [Fact]
    public async Task A_push_whose_run_is_refused_is_done_with()
    {
        using var infrastructure = await TestInfrastructure.Prepare("pushed", Cancelled);
        await using var scheduler = await StartWithADagThatCannotRun(infrastructure);
        var ends = new ConsumedMessages();
        scheduler.Get<IBus>().ConnectConsumeMessageObserver(ends);
        var queue = await scheduler.Get<IBus>().GetSendEndpoint(new Uri("queue:scheduler-trigger-run"));
        await queue.Send(
            new TriggerRun(
                "push__old__1",
                "old",
                "push acme/site main",
                new Dictionary<string, string>(),
                DateTimeOffset.UnixEpoch
            ),
            Cancelled
        );
        Assert.Null(await ends.First.Task.WaitAsync(Eventually.Deadline, Cancelled));
    }

    sealed class ConsumedMessages : IConsumeMessageObserver<TriggerRun>
    {
        /// <summary>
        /// How the first one ended: null when it was consumed, else what put it into the error queue.
        /// </summary>
        public TaskCompletionSource<Exception?> First { get; } = new();

        public Task PreConsume(ConsumeContext<TriggerRun> context) => Task.CompletedTask;

        public Task PostConsume(ConsumeContext<TriggerRun> context)
        {
            First.TrySetResult(null);
            return Task.CompletedTask;
        }

        public Task ConsumeFault(ConsumeContext<TriggerRun> context, Exception exception)
        {
            First.TrySetResult(exception);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Two_schedulers_make_each_scheduled_run_once()
    {
        using var infrastructure = await TestInfrastructure.Prepare("twice", Cancelled);
        Write(
            "often.yaml",
            "dag: often\nschedule: { every: 1s, catchup: true }\ntasks: { x: { noop: true, queue: nobody } }"
        );
        await using var a = await RunningScheduler.Start(infrastructure, folder);
        await using var b = await RunningScheduler.Start(infrastructure, folder);
        var dates = await LogicalDates(b, "often", 6);
        Assert.Equal(dates.Distinct(), dates);
        Assert.All(dates.Zip(dates.Skip(1)), x => Assert.Equal(TimeSpan.FromSeconds(1), x.First - x.Second));
    }

    //      ┌ A: load │ start runs │ move the cursor
    // tick ┤                                          five ticks are due at once, ten times over; the clock the two
    //      └ B: load │ start runs │ move the cursor   get is days ahead of the real one, so nobody else acts on them
    [Fact]
    public async Task Two_schedulers_that_act_on_one_tick_make_its_run_once()
    {
        using var infrastructure = await TestInfrastructure.Prepare("tick", Cancelled);
        Write(
            "daily.yaml",
            "dag: daily\nschedule: { every: 1d, catchup: true }\ntasks: { x: { noop: true, queue: nobody } }"
        );
        await using var a = await RunningScheduler.Start(infrastructure, folder);
        await using var b = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(async token => await FileOf(b, "daily", token) is not null, "the DAG", Cancelled);
        var dues = new List<DateTimeOffset>();
        for (var round = 0; round < 10; round++)
        {
            var due = (await a.Get<DagCatalog>().FindScheduled("dag-daily", Cancelled)).Cursor!.NextTick!.Value;
            dues.Add(due);
            var timer = new TimerDue("dag-daily", Dag.TickTimer, due, due + TimeSpan.FromDays(4));
            await Task.WhenAll(
                new[] { a, b }.Select(x =>
                    x.Get<IEnumerable<ITimerHandler>>().OfType<TickTimers>().Single().Fire(timer, Cancelled)
                )
            );
        }

        Assert.All(dues.Zip(dues.Skip(1)), x => Assert.Equal(TimeSpan.FromDays(5), x.Second - x.First));
        Assert.Equal(["dag_published"], await EventTypes(a, "dag-daily"));
        var ran = (await LogicalDates(a, "daily", 50)).ToList();
        Assert.Equal(50, ran.Distinct().Count());
        foreach (var tick in ran)
        {
            var events = await b.Read<ReplayStep[]>($"/api/v2/streams/run-{RunId.Scheduled("daily", tick)}", Cancelled);
            Assert.Equal(["run_queued", "task_queued"], events.Select(x => x.Type));
            var queued = (JsonElement)events[0].Data;
            Assert.Equal(
                (tick, tick, tick),
                (
                    Instant(queued, "logicalDate"),
                    Instant(queued.GetProperty("interval"), "start"),
                    Instant(queued.GetProperty("interval"), "end")
                )
            );
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_an_outage_missed_ticks_run_as_catchup_says(bool catchup)
    {
        using var infrastructure = await TestInfrastructure.Prepare("outage", Cancelled);
        Write(
            "often.yaml",
            $"dag: often\nschedule: {{ every: 1s, catchup: {(catchup ? "true" : "false")} }}\ntasks: {{ x: {{ noop: true, queue: nobody }} }}"
        );
        DateTimeOffset last;
        await using (var before = await RunningScheduler.Start(infrastructure, folder))
            last = (await LogicalDates(before, "often", 1))[0];
        await Eventually.Is(
            _ => Task.FromResult(TimeProvider.System.GetUtcNow() > last + TimeSpan.FromSeconds(6)),
            "the outage to last over several ticks",
            Cancelled
        );

        await using var after = await RunningScheduler.Start(infrastructure, folder);
        var dates = (await LogicalDates(after, "often", 3, newerThan: last + TimeSpan.FromSeconds(5)))
            .Reverse()
            .ToList();

        var gaps = dates.Zip(dates.Skip(1), (x, y) => y - x).ToList();
        if (catchup)
            Assert.All(gaps, x => Assert.Equal(TimeSpan.FromSeconds(1), x));
        else
            Assert.Contains(gaps, x => x > TimeSpan.FromSeconds(2));
        Assert.Equal(!catchup, (await EventTypes(after, "dag-often")).Contains("ticks_skipped"));
    }

    [Fact]
    public async Task A_file_moved_while_the_system_was_down_loses_no_missed_ticks()
    {
        using var infrastructure = await TestInfrastructure.Prepare("moved", Cancelled);
        Write(
            "often.yaml",
            "dag: often\nschedule: { every: 1s, catchup: true }\ntasks: { x: { noop: true, queue: nobody } }"
        );
        await using (var before = await RunningScheduler.Start(infrastructure, folder))
            await LogicalDates(before, "often", 1);
        File.Move(Path.Combine(folder, "often.yaml"), Path.Combine(folder, "0-moved.yaml"));

        await using var after = await RunningScheduler.Start(infrastructure, folder);
        var dates = await LogicalDates(after, "often", 3, newerThan: TimeProvider.System.GetUtcNow());

        Assert.All(dates.Zip(dates.Skip(1)), x => Assert.Equal(TimeSpan.FromSeconds(1), x.First - x.Second));
        Assert.Equal("0-moved.yaml", await FileOf(after, "often", Cancelled));
        Assert.Equal(["dag_published", "dag_published"], await EventTypes(after, "dag-often"));

        File.Move(Path.Combine(folder, "0-moved.yaml"), Path.Combine(folder, "moved.yaml"));
        await Eventually.Is(
            async token => await FileOf(after, "often", token) == "moved.yaml",
            "the DAG to move again",
            Cancelled
        );
        Assert.Equal(["dag_published", "dag_published", "dag_published"], await EventTypes(after, "dag-often"));
    }

    [Fact]
    public async Task A_cursor_that_was_read_before_another_schedule_began_does_not_move_it()
    {
        using var infrastructure = await TestInfrastructure.Prepare("cursor", Cancelled);
        Write("a.yaml", "dag: a\nschedule: '@daily'\ntasks: { x: { noop: true } }");
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(async token => await FileOf(scheduler, "a", token) is not null, "the DAG", Cancelled);
        var read = (await scheduler.Get<DagCatalog>().FindScheduled("dag-a", Cancelled)).Cursor!;

        Write("a.yaml", "dag: a\nschedule: '@yearly'\ntasks: { x: { noop: true } }");
        var begun = await Eventually.Get(
            async token =>
                (await scheduler.Get<DagCatalog>().FindScheduled("dag-a", token)).Cursor is var x
                && x!.NextTick != read.NextTick
                    ? x
                    : null,
            "the other schedule",
            Cancelled
        );
        var timer = await NextTimer(infrastructure, "dag-a");
        var tomorrow = read.NextTick!.Value.AddDays(1);
        await scheduler
            .Get<TickCursors>()
            .Move(read, read with { NextTick = tomorrow }, new TimerChange.At(Dag.TickTimer, tomorrow), Cancelled);

        Assert.Equal(begun, (await scheduler.Get<DagCatalog>().FindScheduled("dag-a", Cancelled)).Cursor);
        Assert.Equal((begun.NextTick, timer), (timer, await NextTimer(infrastructure, "dag-a")));
    }

    [Fact]
    public async Task A_schedule_whose_zone_is_unknown_stands_still_visibly_and_alone()
    {
        using var infrastructure = await TestInfrastructure.Prepare("mars", Cancelled);
        Write("mars.yaml", "dag: mars\nschedule: '* * * * *'\ntasks: { x: { noop: true, queue: nobody } }");
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(async token => await FileOf(scheduler, "mars", token) is not null, "the DAG", Cancelled);
        await Execute(
            infrastructure,
            """
            update scheduler.mt_doc_dagrow set data = jsonb_set(data, '{spec,schedule,timezone}', '"Mars/Olympus"')
            """
        );
        var due = (await scheduler.Get<DagCatalog>().FindScheduled("dag-mars", Cancelled)).Cursor!.NextTick!.Value;
        var ticks = scheduler.Get<IEnumerable<ITimerHandler>>().OfType<TickTimers>().Single();
        await ticks.Fire(new("dag-mars", Dag.TickTimer, due, due), Cancelled);

        Assert.Contains(
            "mars.yaml line 1: The schedule of DAG 'mars' starts no runs: 'Mars/Olympus' is no time zone",
            Assert.Single(await Errors(scheduler, Cancelled)),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "'Mars/Olympus' is no time zone of the tz database; write another 'timezone'",
            (await scheduler.Read<JsonElement>("/api/v2/dags/mars", Cancelled))
                .GetProperty("schedule_problem")
                .GetString()
        );
        Assert.InRange(
            (await NextTimer(infrastructure, "dag-mars")) - due,
            TimeSpan.FromMinutes(50),
            TimeSpan.MaxValue
        );
    }

    // Whoever reads the event fails on it.
    [Fact]
    public async Task A_start_reads_no_stream_of_a_DAG_that_has_not_changed()
    {
        using var infrastructure = await TestInfrastructure.Prepare("start", Cancelled);
        Write("a.yaml", "dag: a\nschedule: '@daily'\ntasks: { x: { noop: true } }");
        await using (var before = await RunningScheduler.Start(infrastructure, folder))
            await Eventually.Is(async token => await FileOf(before, "a", token) is not null, "the DAG", Cancelled);
        await Execute(infrastructure, "update scheduler.mt_events set data = '\"unreadable\"'");

        Write("b.yaml", "dag: b\ntasks: { x: { noop: true } }");
        await using var after = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(async token => await FileOf(after, "b", token) is not null, "the new DAG", Cancelled);
        Assert.Equal("a.yaml", await FileOf(after, "a", Cancelled));
    }

    static async Task<IReadOnlyList<string>> EventTypes(RunningService scheduler, string stream) =>
        [.. (await scheduler.Read<ReplayStep[]>($"/api/v2/streams/{stream}", Cancelled)).Select(x => x.Type)];

    // How many seconds the schedule has been carried on for.
    static async Task<double> SettledTicks(RunningService scheduler, string stream, CancellationToken cancellationToken)
    {
        await using var session = scheduler.Get<IDocumentStore>().QuerySession();
        var published = (await session.LoadAsync<DagRow>(stream, cancellationToken))!.At;
        var cursor = await session.LoadAsync<TickCursor>(stream, cancellationToken);
        return ((cursor!.SettledTick ?? published) - published).TotalSeconds;
    }

    static async Task Execute(TestInfrastructure infrastructure, string sql)
    {
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    static async Task<DateTimeOffset> NextTimer(TestInfrastructure infrastructure, string stream)
    {
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var command = database.CreateCommand("select due_at from scheduler.timer where stream_id = $1");
        command.Parameters.AddWithValue(stream);
        return new((DateTime)(await command.ExecuteScalarAsync(Cancelled))!);
    }

    static DateTimeOffset Instant(JsonElement json, string name) => json.GetProperty(name).GetDateTimeOffset();

    static async Task<string?> FileOf(RunningService scheduler, string dag, CancellationToken cancellationToken) =>
        (await scheduler.Read<JsonElement>("/api/v2/dags", cancellationToken))
            .GetProperty("dags")
            .EnumerateArray()
            .Where(x => x.GetProperty("dag_id").GetString() == dag)
            .Select(x => x.GetProperty("file_loc").GetString())
            .SingleOrDefault();

    static async Task<IReadOnlyList<string>> Errors(RunningService scheduler, CancellationToken cancellationToken) =>
        [
            .. (await scheduler.Read<JsonElement>("/api/v2/importErrors", cancellationToken))
                .GetProperty("import_errors")
                .EnumerateArray()
                .Select(x => x.GetProperty("stack_trace").GetString()!),
        ];

    static async Task<IReadOnlyList<DateTimeOffset>> LogicalDates(
        RunningService scheduler,
        string dag,
        int atLeast,
        DateTimeOffset? newerThan = null
    ) =>
        await Eventually.Get(
            async token =>
            {
                if (await FileOf(scheduler, dag, token) is null)
                    return null; // not read yet
                var runs = (await scheduler.Read<JsonElement>($"/api/v2/dags/{dag}/dagRuns?limit=1000", token))
                    .GetProperty("dag_runs")
                    .EnumerateArray();
                var dates = runs.Select(x => x.GetProperty("logical_date").GetDateTimeOffset())
                    .OrderDescending()
                    .ToList();
                return dates.Count >= atLeast && (newerThan is null || dates[0] > newerThan) ? dates : null;
            },
            $"{atLeast} runs of {dag}",
            Cancelled
        );

    void Write(string file, string yaml) => File.WriteAllText(Path.Combine(folder, file), yaml);
}
