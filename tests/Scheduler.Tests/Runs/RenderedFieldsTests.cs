using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Contracts;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>What each attempt of a task was asked to do, read afterwards.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class RenderedFieldsTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-rendered-").FullName;

    const string Dag = """
        dag: r
        params: { pass: hunter2, long: none }
        tasks:
          t:
            command: [./load, --all]
            image: acme/loader:2
            queue: nobody
            retries: 1
            retry_delay: 0s
            env:
              REGION: "{{ var.region }}"
              LONG: "{{ params.long }}"
              DB_PASSWORD: "{{ params.pass }}"
              API_TOKEN: secret:api
          later: { needs: [t], noop: true, queue: nobody }
        """;

    [Fact]
    public async Task Each_attempt_keeps_what_it_was_asked_to_do()
    {
        using var infrastructure = await TestInfrastructure.Prepare("rendered", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(folder, "r.yaml"), Dag, Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/r", token)).IsSuccessStatusCode,
            "the DAG",
            Cancelled
        );
        await Send(scheduler, HttpMethod.Post, "variables", new { key = "region", value = "eu" });
        var conf = new { @long = new string('é', 8000) };
        await Send(scheduler, HttpMethod.Post, "dags/r/dagRuns", new { dag_run_id = "k", conf });
        await Send(scheduler, HttpMethod.Patch, "variables/region", new { value = "us" });
        var failed = new AttemptFinished(
            AttemptId.Of(RunKey, "t", 1),
            RunKey,
            "t",
            1,
            Succeeded: false,
            "exit",
            "exit code 1",
            1,
            64,
            Plans.Nothing,
            Plans.T0
        );
        await new AttemptFinishedConsumer(scheduler.Get<RunStore>()).Settle(failed, Cancelled);
        await Eventually.Is(
            async token => (await scheduler.Get<StreamStore<Run>>().Load(RunKey, token)).State.Tasks["t"].Attempt == 2,
            "the second attempt",
            Cancelled
        );

        var (first, second) = (await Rendered(scheduler, "t", "?try_number=1"), await Rendered(scheduler, "t"));
        Assert.Equal((1, 2), (first.GetProperty("try_number").GetInt32(), second.GetProperty("try_number").GetInt32()));
        var fields = first.GetProperty("rendered_fields");
        Assert.Equal("acme/loader:2", fields.GetProperty("image").GetString());
        Assert.Equal(["./load", "--all"], fields.GetProperty("command").EnumerateArray().Select(x => x.GetString()));
        Assert.Equal(conf.@long, Variable(first, "LONG"));
        Assert.Equal(("***", "secret:api"), (Variable(first, "DB_PASSWORD"), Variable(first, "API_TOKEN")));
        Assert.Equal(("eu", "us"), (Variable(first, "REGION"), Variable(second, "REGION")));

        // a task's own answer has those of its latest attempt, as Airflow's
        var task = await scheduler.Read<JsonElement>($"/api/v2/dags/r/dagRuns/{RunKey}/taskInstances/t", Cancelled);
        Assert.Equal("us", Variable(task, "REGION"));

        foreach (var (path, code) in new[] { ("none", "unknown_task"), ("t", "unknown_try"), ("later", "unknown_try") })
        {
            using var missing = await scheduler.Http.GetAsync(
                $"/api/v2/dags/r/dagRuns/{RunKey}/taskInstances/{path}/renderedFields{(path == "t" ? "?try_number=7" : "")}",
                Cancelled
            );
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
            var problem = await missing.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
            Assert.Equal(code, problem.GetProperty("code").GetString());
        }
    }

    const string RunKey = "manual__r__k";

    static Task<JsonElement> Rendered(RunningService scheduler, string task, string query = "") =>
        scheduler.Read<JsonElement>(
            $"/api/v2/dags/r/dagRuns/{RunKey}/taskInstances/{task}/renderedFields{query}",
            Cancelled
        );

    static string? Variable(JsonElement answer, string name) =>
        answer.GetProperty("rendered_fields").GetProperty("env").GetProperty(name).GetString();

    static async Task Send(RunningService scheduler, HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, $"/api/v2/{path}") { Content = JsonContent.Create(body) };
        using var answer = await scheduler.Http.SendAsync(request, Cancelled);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }
}
