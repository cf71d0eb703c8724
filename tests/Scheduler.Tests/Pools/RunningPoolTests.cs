using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Contracts;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Pools;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Scheduler.Tests.Pools;

/// <summary>Pools of running schedulers, on a real database: under load, and when processes die.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class RunningPoolTests
{
    static readonly DagSpec Pooled = Plans.Dag(
        """
        dag: d
        defaults: { queue: nobody, pool: db, retries: 1, retry_delay: 1d }
        tasks: { a: { noop: true }, b: { noop: true }, c: { noop: true, needs: [a] } }
        """
    );

    const string TasksQueued = "select count(*) from scheduler.mt_events where type = 'task_queued'";

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-pools-").FullName;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // Two schedulers and 30 tasks for 2 slots: a trigger writes down each moment at which more were held.
    [Fact]
    public async Task Slots_are_never_exceeded_by_however_many_schedulers_and_return_to_zero()
    {
        using var infrastructure = await TestInfrastructure.Prepare("pools", Cancelled);
        await using var first = await RunningScheduler.Start(infrastructure, folder);
        await using var second = await RunningScheduler.Start(infrastructure, folder);
        await Execute(
            infrastructure,
            """
            create table violation (used bigint);
            create function note_violation() returns trigger language plpgsql as $$ begin
              insert into violation select sum(slots) from scheduler.slot_request
              where pool = 'db' and state <> 'Waiting' having sum(slots) > 2;
              return null;
            end $$;
            create trigger slots after update on scheduler.slot_request for each statement execute function note_violation();
            """
        );
        await Created(first, "db", 2);
        RunningService[] schedulers = [first, second];
        for (var i = 0; i < 10; i++)
            await Begin(schedulers[i % 2], i);
        await Task.WhenAll(schedulers.Select(RunAllQueued));
        for (var i = 0; i < 10; i++)
            Assert.Equal(RunOutcome.Succeeded, (await Load(first, i)).Outcome);
        Assert.Equal(0L, await Scalar(infrastructure, "select count(*) from scheduler.slot_request"));
        Assert.Equal(0L, await Scalar(infrastructure, "select count(*) from violation"));
        Assert.Equal((0, 2), await Usage(first, "db"));
        // each attempt was queued once
        Assert.Equal(30L, await Scalar(infrastructure, TasksQueued));
    }

    [Fact]
    public async Task A_grant_survives_the_process_that_made_it()
    {
        using var infrastructure = await TestInfrastructure.Prepare("grantlost", Cancelled);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using (var locking = await database.OpenConnectionAsync(Cancelled))
        {
            // while somebody else grants, this process cannot
            await using var command = new NpgsqlCommand(
                "select pg_advisory_lock(hashtextextended('scheduler-slots', 0))",
                locking
            );
            await command.ExecuteNonQueryAsync(Cancelled);
            await using var first = await RunningScheduler.Start(infrastructure, folder);
            await Created(first, "db", 1);
            await Begin(first, 0);
        }
        // committed, and the process ends before the run hears of it
        var grants = new SlotGrants(database, TimeProvider.System);
        Assert.Equal(["a"], (await grants.Next(Cancelled)).Granted.Select(x => x.Task));
        Assert.Empty((await grants.Next(Cancelled)).Granted);
        Assert.Equal(0L, await Scalar(infrastructure, TasksQueued));
        await using var next = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(async _ => Queued(await Load(next, 0)) == 1, "the task to be queued", Cancelled);
        Assert.Equal((1, 0), await Usage(next, "db"));
        Assert.Equal(1L, await Scalar(infrastructure, TasksQueued));
    }

    // Airflow looks at so many tasks of the highest priority, and when they cannot run, at no other (#45636).
    [Fact]
    public async Task A_long_backlog_at_its_limit_hides_no_task_behind_it()
    {
        using var infrastructure = await TestInfrastructure.Prepare("backlog", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Created(scheduler, "db", 0);
        await Created(scheduler, "free", 1);
        var task = Pooled.Tasks[0] with { PriorityWeight = 1000, Needs = [] };
        await Begin(
            scheduler,
            0,
            Pooled with
            {
                Tasks =
                [
                    .. Enumerable.Range(0, 500).Select(i => task with { TaskId = $"t{i}" }),
                    .. Enumerable
                        .Range(0, 300)
                        .Select(i =>
                            task with
                            {
                                TaskId = $"u{i}",
                                Pool = "free",
                                MaxActiveTisPerDag = 1,
                                PoolSlots = 2,
                            }
                        ),
                ],
            }
        );
        await Begin(scheduler, 1, Pooled with { Tasks = [task with { PriorityWeight = -1000, Pool = "free" }] });
        await Eventually.Is(
            async _ => (await Load(scheduler, 1)).Tasks.Values.Single().State is TaskState.Queued,
            "the task behind the backlog",
            Cancelled
        );
    }

    [Fact]
    public async Task Pools_are_made_changed_listed_and_deleted_as_in_Airflow()
    {
        using var infrastructure = await TestInfrastructure.Prepare("poolcalls", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var made = await Created(scheduler, "db", 2, "two at a time");
        Assert.Equal(
            """{"name":"db","slots":2,"description":"two at a time","include_deferred":false,"occupied_slots":0,"running_slots":0,"queued_slots":0,"scheduled_slots":0,"deferred_slots":0,"open_slots":2}""",
            made.GetRawText()
        );
        Assert.Equal("pool_exists", await Refused(scheduler, HttpMethod.Post, "", new { name = "db", slots = 1 }, 409));
        Assert.Equal("invalid_slots", await Refused(scheduler, HttpMethod.Post, "", new { name = "x" }, 422));
        Assert.Equal(
            "invalid_name",
            await Refused(scheduler, HttpMethod.Post, "", new { name = "a b", slots = 1 }, 422)
        );
        Assert.Equal("unknown_pool", await Refused(scheduler, HttpMethod.Patch, "/nosuch", new { slots = 1 }, 404));
        Assert.Equal("invalid_slots", await Refused(scheduler, HttpMethod.Patch, "/db", new { slots = -2 }, 422));
        Assert.Equal("invalid_name", await Refused(scheduler, HttpMethod.Patch, "/db", new { name = "x" }, 422));
        Assert.Equal(
            "invalid_update_mask",
            await Refused(scheduler, HttpMethod.Patch, "/db?update_mask=nosuch", new { slots = 3 }, 422)
        );
        Assert.Equal("default_pool", await Refused(scheduler, HttpMethod.Delete, "/default_pool", null, 409));

        // only what the mask names
        var patch = JsonContent.Create(new { slots = -1, description = "ignored" });
        var patched = await scheduler.Http.PatchAsync("/api/v2/pools/db?update_mask=slots", patch, Cancelled);
        var body = await patched.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal((-1, -1), (body.GetProperty("slots").GetInt32(), body.GetProperty("open_slots").GetInt32()));
        Assert.Equal("two at a time", body.GetProperty("description").GetString());

        Assert.Equal("db default_pool", await Names(scheduler, ""));
        Assert.Equal("default_pool db", await Names(scheduler, "?order_by=-name"));
        Assert.Equal("default_pool", await Names(scheduler, "?pool_name_pattern=AULT_po%25l"));
        Assert.Equal("default_pool", await Names(scheduler, "?limit=1&offset=1"));
        Assert.Equal("invalid_order_by", await Refused(scheduler, HttpMethod.Get, "?order_by=colour", null, 422));

        var gone = await scheduler.Http.DeleteAsync("/api/v2/pools/db", Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Equal("unknown_pool", await Refused(scheduler, HttpMethod.Get, "/db", null, 404));
        // who did what is in the stream
        var events = await scheduler.Read<JsonElement>("/api/v2/streams/pool-db", Cancelled);
        Assert.Equal(
            ["pool_set", "pool_set", "pool_deleted"],
            events.EnumerateArray().Select(x => x.GetProperty("type").GetString())
        );
    }

    [Fact]
    public async Task A_run_says_what_each_of_its_tasks_waits_for()
    {
        using var infrastructure = await TestInfrastructure.Prepare("waitsfor", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Begin(scheduler, 0);
        Assert.Contains("There is no pool 'db'", await Reason(scheduler, "a"), StringComparison.Ordinal);
        Assert.Contains("not ended: a (scheduled)", await Reason(scheduler, "c"), StringComparison.Ordinal);
        await Created(scheduler, "db", 1);
        await Eventually.Is(async _ => Queued(await Load(scheduler, 0)) == 1, "a grant", Cancelled);
        // a has the larger priority: c waits for it
        Assert.Equal(
            "No executor serves queue 'nobody': start one with Executor__Queues__0=nobody",
            await Reason(scheduler, "a")
        );
        Assert.Equal(
            "It needs a slot of pool 'db', which has 0 of 1 free; 1 taken: a (queued)",
            await Reason(scheduler, "b")
        );
        await Finish(scheduler, 0, "a", succeeded: false);
        Assert.Contains("the next is due at", await Reason(scheduler, "a"), StringComparison.Ordinal);
        var answer = await scheduler.Read<JsonElement>($"{PathOf(0)}/taskInstances/c/dependencies", Cancelled);
        var dependency = answer.GetProperty("dependencies")[0];
        Assert.Equal("upstream", dependency.GetProperty("name").GetString());
        Assert.Equal("a", dependency.GetProperty("blocked_by")[0].GetProperty("task_id").GetString());
        var task = await scheduler.Read<JsonElement>($"{PathOf(0)}/taskInstances/a", Cancelled);
        Assert.Equal(
            ("up_for_retry", "db", 1, 2),
            (
                task.GetProperty("state").GetString(),
                task.GetProperty("pool").GetString(),
                task.GetProperty("pool_slots").GetInt32(),
                task.GetProperty("priority_weight").GetInt32()
            )
        );
        var unknown = await scheduler.Http.GetAsync($"{PathOf(0)}/taskInstances/z/dependencies", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    // Until all runs have ended: whatever is queued succeeds.
    static async Task RunAllQueued(RunningService scheduler) =>
        await Eventually.Is(
            async _ =>
            {
                var open = 0;
                for (var i = 0; i < 10; i++)
                {
                    var run = await Load(scheduler, i);
                    open += run.Outcome is null ? 1 : 0;
                    foreach (var (task, _) in run.Tasks.Where(x => x.Value.State is TaskState.Queued))
                        await Finish(scheduler, i, task);
                }
                return open == 0;
            },
            "all runs to end",
            Cancelled
        );

    static int Queued(Run run) => run.Tasks.Values.Count(x => x.State is TaskState.Queued);

    static string PathOf(int number) => $"/api/v2/dags/d/dagRuns/manual__d__{number}";

    static Task<Committed<Run>> Begin(RunningService scheduler, int number, DagSpec? dag = null)
    {
        var start = Plans.Start(dag ?? Pooled) with
        {
            RunId = new($"manual__d__{number}"),
            At = TimeProvider.System.GetUtcNow(),
        };
        return scheduler
            .Get<StreamStore<Run>>()
            .Transact(start.RunId.Value, run => RunDecider.Decide(run, start), Cancelled);
    }

    static async Task<Run> Load(RunningService scheduler, int number) =>
        (await scheduler.Get<StreamStore<Run>>().Load($"manual__d__{number}", Cancelled)).State;

    static Task<Committed<Run>> Finish(RunningService scheduler, int number, string task, bool succeeded = true) =>
        new AttemptFinishedConsumer(scheduler.Get<RunStore>()).Settle(
            new(
                AttemptId.Of($"manual__d__{number}", task, 1),
                $"manual__d__{number}",
                task,
                1,
                succeeded,
                succeeded ? "completed" : "exit",
                "",
                0,
                64,
                Plans.Nothing,
                TimeProvider.System.GetUtcNow()
            ),
            Cancelled
        );

    static async Task<JsonElement> Created(RunningService scheduler, string name, int slots, string description = "")
    {
        var answer = await scheduler.Http.PostAsJsonAsync(
            "/api/v2/pools",
            new
            {
                name,
                slots,
                description,
            },
            Cancelled
        );
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }

    static async Task<string?> Refused(
        RunningService scheduler,
        HttpMethod method,
        string path,
        object? body,
        int status
    )
    {
        using var request = new HttpRequestMessage(method, $"/api/v2/pools{path}")
        {
            Content = body is null ? null : JsonContent.Create(body),
        };
        var answer = await scheduler.Http.SendAsync(request, Cancelled);
        Assert.Equal(status, (int)answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("code").GetString();
    }

    static async Task<(int Occupied, int Open)> Usage(RunningService scheduler, string pool)
    {
        var body = await scheduler.Read<JsonElement>($"/api/v2/pools/{pool}", Cancelled);
        return (body.GetProperty("occupied_slots").GetInt32(), body.GetProperty("open_slots").GetInt32());
    }

    static async Task<string> Names(RunningService scheduler, string query) =>
        string.Join(
            ' ',
            (await scheduler.Read<JsonElement>($"/api/v2/pools{query}", Cancelled))
                .GetProperty("pools")
                .EnumerateArray()
                .Select(x => x.GetProperty("name").GetString())
        );

    static async Task<string> Reason(RunningService scheduler, string task) =>
        (await scheduler.Read<JsonElement>($"{PathOf(0)}/dependencies", Cancelled))
            .GetProperty("task_instances")
            .EnumerateArray()
            .Single(x => x.GetProperty("task_id").GetString() == task)
            .GetProperty("dependencies")[0]
            .GetProperty("reason")
            .GetString()!;

    static async Task Execute(TestInfrastructure infrastructure, string sql)
    {
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    static async Task<object?> Scalar(TestInfrastructure infrastructure, string sql)
    {
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
