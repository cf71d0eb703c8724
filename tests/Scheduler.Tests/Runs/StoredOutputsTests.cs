using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using JasperFx.Events;
using Nightshift.Contracts;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Outputs that are too long for events: written beside the run, read where they are needed.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class StoredOutputsTests
{
    const string Run1 = "manual__d__1";
    static readonly string Long = new('é', 16 * 1024);

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-outputs-").FullName;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // a and b are ready at once; c reads a long output of each, and a short one
    const string Dag = """
        dag: d
        tasks:
          a: { noop: true, queue: nobody }
          b: { noop: true, queue: nobody }
          c:
            needs: [a, b]
            noop: true
            queue: nobody
            env: { A: "{{ tasks.a.output.text }}", B: "{{ tasks.b.output.list[1].n }}", S: "{{ tasks.a.output.rows }}" }
        """;

    [Fact]
    public async Task A_long_output_is_read_from_beside_the_stream_by_the_task_that_names_it()
    {
        using var infrastructure = await TestInfrastructure.Prepare("longoutput", Cancelled);
        await using var scheduler = await Started(infrastructure);
        var list = $$"""[{"n":"{{new string('x', 20_000)}}"},{"n":"second"}]""";
        await Finish(scheduler, "a", ("text", Long), ("rows", "42"));
        await Finish(scheduler, "b", ("list", list));

        var run = await Load(scheduler);
        Assert.Equal(["rows"], run.Tasks["a"].Outputs.Keys);
        Assert.Equal(ValueReference.To(Long), run.Tasks["a"].StoredOutputs!["text"]);
        Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(run.Tasks).Length, 1, 4 * 1024);
        // what is rendered from an output and is the same is stored once
        var queued = await Queued(scheduler, "c");
        Assert.Equal([new("A", ValueReference.To(Long))], queued.StoredEnv!);
        Assert.Equal(2, await Rows(infrastructure));

        var e = new Event<TaskQueued>(new("c", 1, queued, Plans.T0)) { StreamKey = $"run-{Run1}" };
        var sent = Assert.Single(await scheduler.Get<OutgoingMap>().Of(e, Cancelled));
        var env = Assert.IsType<StartAttempt>(sent.Message).Env;
        Assert.Equal((Long, "second", "42"), (env["A"], env["B"], env["S"]));

        // asked again, an executor gets the same command
        var asked = await scheduler
            .Get<RunStore>()
            .Read(run, x => RunWatchdog.Silent(run, run.Tasks["c"].StartedAt!.Value.AddMinutes(1), x), Cancelled);
        Assert.Equivalent(env, Assert.Single(asked).Env);
    }

    [Fact]
    public async Task A_repeated_report_and_a_failure_store_nothing()
    {
        using var infrastructure = await TestInfrastructure.Prepare("outputonce", Cancelled);
        await using var scheduler = await Started(infrastructure);
        await Finish(scheduler, "a", ("text", Long), ("same", Long));
        Assert.Equal(1, await Rows(infrastructure));
        Assert.Empty((await Finish(scheduler, "a", ("text", new string('y', 10_000)))).Events);
        Assert.Equal(1, await Rows(infrastructure));
        var failed = Finished("b", ("text", new string('z', 10_000))) with { Succeeded = false };
        Assert.IsType<Scheduler.Runs.TaskFailed>((await Report(scheduler, failed)).Events[0]);
        Assert.Equal(1, await Rows(infrastructure));
    }

    [Fact]
    public async Task A_run_whose_outputs_are_short_asks_for_nothing_beside_its_stream()
    {
        using var infrastructure = await TestInfrastructure.Prepare("outputshort", Cancelled);
        await using var scheduler = await Started(infrastructure);
        await Execute(infrastructure, "drop table scheduler.stream_value");
        await Finish(scheduler, "a", ("text", new string('x', 3000)), ("rows", "42"));
        await Finish(scheduler, "b", ("list", "[1,{\"n\":2}]"));
        Assert.Equal("2", (await Queued(scheduler, "c")).Env["B"]);
    }

    [Fact]
    public void An_event_from_before_there_were_stored_outputs_has_its_long_output_inline()
    {
        var old =
            $$"""{"task":"a","attempt":1,"memoryMiB":64,"outputs":{"text":"{{Long}}"},"at":"2026-03-01T09:00:00Z"}""";
        var e = JsonSerializer.Deserialize<TaskSucceeded>(old, Plumbing.Hosting.Json.Options)!;
        var dag = Plans.Dag("dag: d\ntasks: { a: { noop: true }, b: { noop: true } }");
        var run = Run.Evolve(Run.Evolve(Run.None, Plans.Queued(dag)), e);
        Assert.Equal((Long, null), (run.Tasks["a"].Outputs["text"], run.Tasks["a"].StoredOutputs));
        Assert.DoesNotContain("storedOutputs", JsonSerializer.Serialize(e, Plumbing.Hosting.Json.Options));
    }

    [Fact]
    public async Task The_answers_show_references_in_lists_and_one_task_and_one_value_whole()
    {
        using var infrastructure = await TestInfrastructure.Prepare("outputshown", Cancelled);
        await using var scheduler = await Started(infrastructure);
        await Finish(scheduler, "a", ("text", Long), ("rows", "42"));
        const string tasks = $"/api/v2/dags/d/dagRuns/{Run1}/taskInstances";

        var list = await scheduler.Read<JsonElement>(tasks, Cancelled);
        var a = list.GetProperty("task_instances")[0];
        Assert.Equal("""{"rows":"42"}""", a.GetProperty("outputs").GetRawText());
        var reference = a.GetProperty("stored_outputs").GetProperty("text");
        Assert.Equal(32 * 1024, reference.GetProperty("bytes").GetInt32());

        var one = await scheduler.Read<JsonElement>($"{tasks}/a", Cancelled);
        Assert.Equal(Long, one.GetProperty("outputs").GetProperty("text").GetString());

        var values = $"/api/v2/streams/run-{Run1}/values";
        var hash = reference.GetProperty("sha256").GetString();
        Assert.Equal(Long, await scheduler.Http.GetStringAsync($"{values}/{hash}", Cancelled));
        var missing = await scheduler.Http.GetAsync($"{values}/{new string('0', 64)}", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal(
            "unknown_value",
            (await missing.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("code").GetString()
        );
    }

    [Fact]
    public async Task An_output_goes_with_its_run_and_one_that_is_gone_fails_the_task_that_reads_it()
    {
        using var infrastructure = await TestInfrastructure.Prepare("outputgone", Cancelled);
        await using var scheduler = await Started(infrastructure);
        await Finish(scheduler, "a", ("text", Long), ("rows", "42"));
        await Execute(infrastructure, "delete from scheduler.stream_value");
        await Finish(scheduler, "b", ("list", "[1,{\"n\":2}]"));

        var run = await Load(scheduler);
        Assert.Equal(new("template", "An output of 32768 bytes is not stored any more"), run.Tasks["c"].Failure);

        var runs = scheduler.Get<StreamStore<Run>>();
        foreach (var number in new[] { 2, 3 })
            await runs.Transact(
                Start(number).RunId.Value,
                _ => [.. RunDecider.Decide(Run.None, Start(number))],
                Cancelled
            );
        await Report(scheduler, Finished("a", ("text", Long)) with { RunId = "manual__d__2" });
        Assert.Equal(1, await Rows(infrastructure));
        object[] end = [Plans.Finished(RunOutcome.Failed)];
        await runs.Transact("manual__d__2", _ => end, Cancelled);
        var kind = scheduler.Get<RetentionSweep>().Kinds.Single(x => x.Name == "runs");
        Assert.NotEqual(0, await kind.RemoveExpired(TimeProvider.System.GetUtcNow().AddDays(1), Cancelled));
        Assert.Equal(0, await Rows(infrastructure));
    }

    async Task<RunningService> Started(TestInfrastructure infrastructure)
    {
        var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await scheduler
            .Get<StreamStore<Run>>()
            .Transact(Run1, _ => [.. RunDecider.Decide(Run.None, Start(1))], Cancelled);
        return scheduler;
    }

    static StartRun Start(int number) =>
        Plans.Start(Plans.Dag(Dag)) with
        {
            RunId = new($"manual__d__{number}"),
            At = Plans.T0.AddDays(number),
        };

    static Task<Committed<Run>> Finish(
        RunningService scheduler,
        string task,
        params (string Name, string Value)[] outputs
    ) => Report(scheduler, Finished(task, outputs));

    static Task<Committed<Run>> Report(RunningService scheduler, AttemptFinished message) =>
        new AttemptFinishedConsumer(scheduler.Get<RunStore>()).Settle(message, Cancelled);

    static AttemptFinished Finished(string task, params (string Name, string Value)[] outputs) =>
        new(
            AttemptId.Of(Run1, task, 1),
            Run1,
            task,
            1,
            Succeeded: true,
            "completed",
            "",
            0,
            64,
            outputs.ToDictionary(x => x.Name, x => x.Value),
            Plans.T0
        );

    static async Task<Run> Load(RunningService scheduler) =>
        (await scheduler.Get<StreamStore<Run>>().Load(Run1, Cancelled)).State;

    static async Task<AttemptWork> Queued(RunningService scheduler, string task)
    {
        var page = await scheduler.Read<JsonElement>($"/api/v2/streams/run-{Run1}", Cancelled);
        var work = page.EnumerateArray()
            .Select(x => (Type: x.GetProperty("type").GetString(), Data: x.GetProperty("data")))
            .Single(x => x.Type == "task_queued" && x.Data.GetProperty("task").GetString() == task)
            .Data.GetProperty("work");
        return work.Deserialize<AttemptWork>(Plumbing.Hosting.Json.Options)!;
    }

    static async Task<long> Rows(TestInfrastructure infrastructure)
    {
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var command = database.CreateCommand("select count(*) from scheduler.stream_value");
        return (long)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    static async Task Execute(TestInfrastructure infrastructure, string sql)
    {
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
