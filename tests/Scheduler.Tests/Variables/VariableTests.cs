using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Variables;

/// <summary>Variables as callers and as tasks see them.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class VariableTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-variables-").FullName;

    const string Dag = """
        dag: v
        tasks:
          first:
            noop: true
            queue: nobody
            env:
              R: "{{ var.region }}"
              H: "{% for h in var.hosts %}{{ h.name }} {% endfor %}"
              D: "{{ var.missing | default: 'none' }}"
          guarded: { noop: true, queue: nobody, run_if: "var.limit > 5" }
        """;

    [Fact]
    public async Task A_variable_is_kept_and_answered_in_Airflows_shape()
    {
        using var infrastructure = await TestInfrastructure.Prepare("variables", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var created = await Send(
            scheduler,
            HttpMethod.Post,
            "",
            """{"key":"hosts","value":[{"name":"a"}],"description":"Where."}""",
            HttpStatusCode.Created
        );
        Assert.Equal(
            """{"key":"hosts","value":"[{\u0022name\u0022:\u0022a\u0022}]","description":"Where.","is_encrypted":false}""",
            created.GetRawText()
        );
        await Send(scheduler, HttpMethod.Post, "", """{"key":"a_b","value":"1"}""", HttpStatusCode.Created);
        await Send(scheduler, HttpMethod.Post, "", """{"key":"axb","value":"2"}""", HttpStatusCode.Created);
        Assert.Equal(
            "variable_exists",
            Code(await Send(scheduler, HttpMethod.Post, "", """{"key":"axb","value":"3"}""", HttpStatusCode.Conflict))
        );
        Assert.Equal(["a_b", "axb", "hosts"], await Keys(scheduler, ""));
        Assert.Equal(["hosts", "axb", "a_b"], await Keys(scheduler, "?order_by=-key"));
        Assert.Equal(["axb"], await Keys(scheduler, "?limit=1&offset=1"));
        Assert.Equal(["a_b", "axb"], await Keys(scheduler, "?variable_key_pattern=A_B"));
        Assert.Equal([], await Keys(scheduler, "?variable_key_pattern=%25%5C"));

        var changed = await Send(
            scheduler,
            HttpMethod.Patch,
            "/hosts?update_mask=description",
            """{"key":"hosts","value":"x","description":"New."}""",
            HttpStatusCode.OK
        );
        Assert.Equal(("[{\"name\":\"a\"}]", "New."), (Text(changed, "value"), Text(changed, "description")));
        (HttpMethod Method, string Path, string? Body, HttpStatusCode Status, string Code)[] refused =
        [
            (HttpMethod.Get, "/none", null, HttpStatusCode.NotFound, "unknown_variable"),
            (HttpMethod.Patch, "/none", """{"value":"x"}""", HttpStatusCode.NotFound, "unknown_variable"),
            (HttpMethod.Patch, "/a%20b", """{"value":"x"}""", HttpStatusCode.NotFound, "unknown_variable"),
            (HttpMethod.Delete, "/none", null, HttpStatusCode.NotFound, "unknown_variable"),
            (HttpMethod.Patch, "/hosts", """{"key":"other"}""", HttpStatusCode.UnprocessableEntity, "invalid_key"),
            (
                HttpMethod.Patch,
                "/hosts?update_mask=secret",
                """{"value":"x"}""",
                HttpStatusCode.UnprocessableEntity,
                "invalid_update_mask"
            ),
            (HttpMethod.Post, "", """{"value":"x"}""", HttpStatusCode.UnprocessableEntity, "invalid_key"),
            (HttpMethod.Post, "", """{"key":"x"}""", HttpStatusCode.UnprocessableEntity, "invalid_value"),
            (
                HttpMethod.Post,
                "",
                """{"key":"db_password","value":"x"}""",
                HttpStatusCode.UnprocessableEntity,
                "invalid_key"
            ),
            (HttpMethod.Post, "", """{"key":"x","value":"\u0000"}""", HttpStatusCode.BadRequest, "bad_request"),
            (HttpMethod.Post, "", """{"key":"x","value":[1e999999]}""", HttpStatusCode.BadRequest, "bad_request"),
            (HttpMethod.Get, "?order_by=id%20desc", null, HttpStatusCode.UnprocessableEntity, "invalid_order_by"),
        ];
        foreach (var (method, path, body, status, code) in refused)
            Assert.Equal(code, Code(await Send(scheduler, method, path, body, status)));
        await Send(scheduler, HttpMethod.Delete, "/hosts", null, HttpStatusCode.NoContent);
        Assert.Equal(["a_b", "axb"], await Keys(scheduler, ""));
    }

    [Fact]
    public async Task Several_changes_in_one_request_are_done_one_by_one()
    {
        using var infrastructure = await TestInfrastructure.Prepare("bulkvariables", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var answer = await Send(
            scheduler,
            HttpMethod.Patch,
            "",
            """
            {"actions": [
              {"action": "create", "entities": [{"key": "a", "value": "1"}, {"key": "b", "value": {"x": 2}}]},
              {"action": "create", "entities": [{"key": "c", "value": "3"}, {"key": "a", "value": "4"}]},
              {"action": "create", "entities": [{"key": "d", "value": "5"}, {"key": "db_password", "value": "6"}]},
              {"action": "create", "action_on_existence": "skip", "entities": [{"key": "a", "value": "7"}]},
              {"action": "create", "action_on_existence": "overwrite", "entities": [{"key": "b", "value": "8"}]},
              {"action": "update", "entities": [{"key": "a", "description": "A."}]},
              {"action": "update", "entities": [{"key": "a", "value": "9"}, {"key": "none", "value": "9"}]},
              {"action": "delete", "action_on_non_existence": "skip", "entities": ["none", "b"]},
              {"action": "delete", "entities": [{"key": "c"}, "none"]}
            ]}
            """,
            HttpStatusCode.OK
        );
        Assert.Equal(["a", "b", "c", "d", "b"], Success(answer, "create"));
        Assert.Equal([409, 422], Errors(answer, "create"));
        Assert.Equal(["a", "a"], Success(answer, "update"));
        Assert.Equal([404], Errors(answer, "update"));
        Assert.Equal(["b", "c"], Success(answer, "delete"));
        Assert.Equal([404], Errors(answer, "delete"));
        Assert.Equal(["a", "d"], await Keys(scheduler, ""));
        var a = await scheduler.Read<JsonElement>("/api/v2/variables/a", Cancelled);
        Assert.Equal(("9", "A."), (Text(a, "value"), Text(a, "description")));
        foreach (
            var (body, code) in new[]
            {
                ("""{"actions":[]}""", "invalid_actions"),
                ("""{}""", "invalid_actions"),
                ("""{"actions":[null]}""", "invalid_action"),
                ("""{"actions":[{"action":"drop","entities":[]}]}""", "invalid_action"),
                ("""{"actions":[{"action":"create"}]}""", "invalid_entities"),
                ("""{"actions":[{"action":"create","entities":[{"value":"1"}]}]}""", "invalid_key"),
                (
                    """{"actions":[{"action":"create","entities":[],"action_on_existence":"maybe"}]}""",
                    "invalid_action_on_existence"
                ),
            }
        )
            Assert.Equal(
                (body, code),
                (body, Code(await Send(scheduler, HttpMethod.Patch, "", body, HttpStatusCode.UnprocessableEntity)))
            );
    }

    [Fact]
    public async Task A_task_gets_the_value_of_the_moment_and_keeps_it()
    {
        using var infrastructure = await TestInfrastructure.Prepare("varrender", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(folder, "v.yaml"), Dag, Cancelled);
        await using var one = await RunningScheduler.Start(infrastructure, folder);
        await using var other = await RunningScheduler.Start(infrastructure, folder);
        await Send(one, HttpMethod.Post, "", """{"key":"region","value":"eu"}""", HttpStatusCode.Created);
        await Send(one, HttpMethod.Post, "", """{"key":"hosts","value":[{"name":"a"}]}""", HttpStatusCode.Created);
        await Send(one, HttpMethod.Post, "", """{"key":"limit","value":6}""", HttpStatusCode.Created);
        var first = await Trigger(other, "k1");
        Assert.Equal(("eu", "a ", "none"), (first["R"], first["H"], first["D"]));

        // what is set in one scheduler is read in the other at once
        await Send(one, HttpMethod.Patch, "/region", """{"value":"us"}""", HttpStatusCode.OK);
        await Send(one, HttpMethod.Patch, "/limit", """{"value":5}""", HttpStatusCode.OK);
        Assert.Equal("us", (await Trigger(other, "k2"))["R"]);
        var run = (await other.Get<StreamStore<Run>>().Load("manual__v__k2", Cancelled)).State;
        Assert.Equal(SkipReason.Condition, run.Tasks["guarded"].Skip!.Reason);

        // an executor that is asked again gets the command that it was sent before
        var again = await one.Get<QueuedWork>().Of("manual__v__k1", ["first"], Cancelled);
        Assert.Equal("eu", again[("first", 1)].Env["R"]);

        await Send(one, HttpMethod.Delete, "/region", null, HttpStatusCode.NoContent);
        using var triggered = await Post(other, "k3");
        var failed = (await other.Get<StreamStore<Run>>().Load("manual__v__k3", Cancelled)).State.Tasks["first"];
        Assert.Equal("template", failed.Failure!.Reason);
        Assert.Contains(
            "There is no variable 'region'; set it with 'nightshift variables set region VALUE'",
            failed.Failure.Detail,
            StringComparison.Ordinal
        );
    }

    static Task<HttpResponseMessage> Post(RunningService scheduler, string key) =>
        scheduler.Http.PostAsJsonAsync("/api/v2/dags/v/dagRuns", new { dag_run_id = key }, Cancelled);

    static async Task<IReadOnlyDictionary<string, string>> Trigger(RunningService scheduler, string key)
    {
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/v", token)).IsSuccessStatusCode,
            "the DAG",
            Cancelled
        );
        using var answer = await Post(scheduler, key);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await scheduler.Get<QueuedWork>().Of($"manual__v__{key}", ["first"], Cancelled))[("first", 1)].Env;
    }

    static async Task<JsonElement> Send(
        RunningService scheduler,
        HttpMethod method,
        string path,
        string? body,
        HttpStatusCode status
    )
    {
        using var request = new HttpRequestMessage(method, $"/api/v2/variables{path}")
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        };
        using var answer = await scheduler.Http.SendAsync(request, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.StatusCode == status, $"{method} {path} {body}: {answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    static async Task<IReadOnlyList<string?>> Keys(RunningService scheduler, string query) =>
        [
            .. (await scheduler.Read<JsonElement>($"/api/v2/variables{query}", Cancelled))
                .GetProperty("variables")
                .EnumerateArray()
                .Select(x => Text(x, "key")),
        ];

    static string?[] Success(JsonElement answer, string action) =>
        [.. answer.GetProperty(action).GetProperty("success").EnumerateArray().Select(x => x.GetString())];

    static int[] Errors(JsonElement answer, string action) =>
        [
            .. answer
                .GetProperty(action)
                .GetProperty("errors")
                .EnumerateArray()
                .Select(x => x.GetProperty("status_code").GetInt32()),
        ];

    static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    static string? Code(JsonElement problem) => Text(problem, "code");
}
