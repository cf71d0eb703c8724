using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Mapping;

/// <summary>Mapped tasks in a running scheduler: lists beside the stream, and answers in Airflow's shapes.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class MappedEndpointTests
{
    const string Run1 = "manual__d__1";
    const string RunPath = $"/api/v2/dags/d/dagRuns/{Run1}";
    const string TaskPath = $"{RunPath}/taskInstances";

    const string Mapped = """
        dag: d
        defaults: { queue: nobody }
        tasks:
          list: { noop: true }
          load:
            needs: [list]
            noop: true
            for_each: "{{ tasks.list.output.files }}"
            map_index_template: "file {{ item.name }}"
            env: { F: "{{ item.name }}" }
          report: { needs: [load], noop: true }
        """;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-mapping-").FullName;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Instances_are_listed_read_changed_and_waited_for_by_their_index()
    {
        using var infrastructure = await TestInfrastructure.Prepare("mapped", Cancelled);
        await using var scheduler = await Started(infrastructure, """[{"name":"a"},{"name":"b"}]""");
        Assert.Equal(
            ["list -1 success ", "load 0 queued file a", "load 1 queued file b", "report -1 none "],
            Tasks(await scheduler.Read<JsonElement>(TaskPath, Cancelled))
        );
        Assert.Equal(
            ["load 0 queued file a", "load 1 queued file b"],
            Tasks(await scheduler.Read<JsonElement>($"{TaskPath}/load/listMapped", Cancelled))
        );
        foreach (var path in new[] { "load/1", "load?map_index=1", "load%5B1%5D" })
        {
            var one = await scheduler.Read<JsonElement>($"{TaskPath}/{path}", Cancelled);
            Assert.Equal("load 1", $"{one.GetProperty("task_id")} {one.GetProperty("map_index")}");
        }
        Assert.Equal(
            -1,
            (await scheduler.Read<JsonElement>($"{TaskPath}/list/-1", Cancelled)).GetProperty("map_index").GetInt32()
        );

        await Report(scheduler, "load[0]", ("rows", "1"));
        Assert.Equal(
            ["load 0 success "],
            Tasks(await scheduler.Read<JsonElement>($"{TaskPath}/load/0/tries", Cancelled))
        );
        var why = await scheduler.Read<JsonElement>($"{TaskPath}/report/dependencies", Cancelled);
        Assert.Contains("not ended: load[1] (queued)", why.ToString(), StringComparison.Ordinal);
        var blocker = why.GetProperty("dependencies")[0].GetProperty("blocked_by")[0];
        Assert.Equal("load 1", $"{blocker.GetProperty("task_id")} {blocker.GetProperty("map_index")}");
        foreach (var path in new[] { "load/1", "load" }) // of a mapped task, what its instances wait for
            Assert.Contains(
                "Executor__Queues__0=nobody",
                (await scheduler.Read<JsonElement>($"{TaskPath}/{path}/dependencies", Cancelled)).ToString(),
                StringComparison.Ordinal
            );

        Assert.Equal(
            ["load 1 failed file b"],
            Tasks(await Send(scheduler, HttpMethod.Patch, $"{TaskPath}/load/1", new { new_state = "failed" }))
        );
        Assert.Equal(["load 0 queued file a"], Tasks(await Clear(scheduler, new object[] { "load", 0 })));
        Assert.Equal(["load 1 queued file b"], Tasks(await Clear(scheduler, "load[1]")));
        Assert.Equal(
            ["load 0 failed file a", "load 1 failed file b"],
            Tasks(await Send(scheduler, HttpMethod.Post, $"{TaskPath}/load/cancel", new { }))
        );
        using var wait = await scheduler.Http.GetAsync($"{RunPath}/wait?result=load", Cancelled);
        Assert.Contains("\"load[0]\":{", await wait.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_names_no_instance_is_refused_with_a_sentence()
    {
        using var infrastructure = await TestInfrastructure.Prepare("mappedno", Cancelled);
        await using var scheduler = await Started(infrastructure, """[{"name":"a"},{"name":"b"}]""");
        foreach (
            var (path, status, sentence) in new[]
            {
                (
                    "load",
                    HttpStatusCode.NotFound,
                    "is mapped: add an index from 0 to 1, as 'load[0]' or with 'map_index'"
                ),
                ("load/tries", HttpStatusCode.NotFound, "is mapped"),
                ("load/2", HttpStatusCode.NotFound, "has no task 'load[2]'"),
                ("load/2/dependencies", HttpStatusCode.NotFound, "has no task 'load[2]'"),
                ("list/0", HttpStatusCode.NotFound, "has no task 'list[0]'"),
                ("list/listMapped", HttpStatusCode.NotFound, "has no mapped task 'list'"),
                ("load?map_index=first", HttpStatusCode.UnprocessableEntity, "'map_index' is 'first'"),
                ("load/-2", HttpStatusCode.UnprocessableEntity, "'map_index' is '-2'"),
            }
        )
        {
            using var answer = await scheduler.Http.GetAsync($"{TaskPath}/{path}", Cancelled);
            Assert.Equal((path, status), (path, answer.StatusCode));
            Assert.Contains(sentence, await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_list_that_is_too_long_for_an_event_is_stored_once_for_output_and_mapping()
    {
        using var infrastructure = await TestInfrastructure.Prepare("mappedlist", Cancelled);
        var names = Enumerable.Range(0, 1000).Select(x => $"{x:0000}-{new string('x', 12)}").ToList();
        var list = JsonSerializer.Serialize(names.Select(name => new { name }));
        Assert.InRange(list.Length, 25_000, 32 * 1024);
        await using var scheduler = await Started(infrastructure, list);

        var streams = scheduler.Get<StreamStore<Run>>();
        var run = (await streams.Load(Run1, Cancelled)).State;
        var mapped = run.MappedOf("load")!;
        Assert.Equal((1000, 0), (mapped.Length, mapped.Items.Count));
        Assert.Equal([new("item", ValueReference.To(list))], mapped.StoredItems!);
        Assert.Equal(run.Tasks["list"].StoredOutputs!["files"], mapped.StoredItems!["item"]);
        Assert.Equal(1001, run.Tasks.Values.Count(x => x.State is TaskState.Queued or TaskState.Success));

        // the item of a retry, and of a command that is sent again, is read from there
        await Report(scheduler, "load[999]");
        await Clear(scheduler, new object[] { "load", 999 });
        run = (await streams.Load(Run1, Cancelled)).State;
        var work = await scheduler
            .Get<RunStore>()
            .Read(run, x => RunValues.Work(run, run.Plan["load[999]"], 64, T0, x), Cancelled);
        Assert.Equal(names[999], work.Env["F"]);
    }

    async Task<RunningService> Started(TestInfrastructure infrastructure, string files)
    {
        var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var events = RunDecider.Decide(Run.None, Start(Dag(Mapped)) with { RunId = new(Run1) });
        await scheduler.Get<StreamStore<Run>>().Transact(Run1, _ => events, Cancelled);
        await Report(scheduler, "list", ("files", files));
        return scheduler;
    }

    static Task Report(RunningService scheduler, string task, params (string Name, string Value)[] given)
    {
        var outputs = NamedValues.Of(given.ToDictionary(x => x.Name, x => x.Value));
        var report = Succeeded(task) with { Outputs = outputs.Inline, StoredOutputs = outputs.References };
        return scheduler
            .Get<RunStore>()
            .Transact(Run1, (run, x) => RunDecider.Decide(run, report, x), Cancelled, outputs);
    }

    static Task<JsonElement> Clear(RunningService scheduler, object task) =>
        Send(
            scheduler,
            HttpMethod.Post,
            "/api/v2/dags/d/clearTaskInstances",
            new
            {
                dry_run = false,
                dag_run_id = Run1,
                task_ids = new[] { task },
                only_failed = false,
            }
        );

    static IEnumerable<string> Tasks(JsonElement answer) =>
        answer
            .GetProperty("task_instances")
            .EnumerateArray()
            .Select(x =>
                $"{x.GetProperty("task_id")} {x.GetProperty("map_index")} {x.GetProperty("state")} "
                + (x.TryGetProperty("rendered_map_index", out var name) ? name : "")
            );

    static async Task<JsonElement> Send(RunningService scheduler, HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var answer = await scheduler.Http.SendAsync(request, Cancelled);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }
}
