using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Nightshift.Plumbing.Auth;
using Nightshift.Scheduler.Bulk;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Bulk;

/// <summary>Bulk requests over runs: each entity whole or not at all, with an answer of its own.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class BulkRunTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-bulk-").FullName;

    [Fact]
    public async Task Runs_are_triggered_marked_and_deleted_each_for_itself()
    {
        using var infrastructure = await TestInfrastructure.Prepare("bulkruns", Cancelled);
        foreach (var dag in (string[])["a", "b"])
            await File.WriteAllTextAsync(
                Path.Combine(folder, $"{dag}.yaml"),
                $"dag: {dag}\nparams: {{ day: x }}\ntasks: {{ x: {{ noop: true, queue: nobody }} }}",
                Cancelled
            );
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(
            async token =>
                (await scheduler.Http.GetAsync("/api/v2/dags/a", token)).IsSuccessStatusCode
                && (await scheduler.Http.GetAsync("/api/v2/dags/b", token)).IsSuccessStatusCode,
            "the DAGs",
            Cancelled
        );

        var created = await Patch(
            scheduler,
            "~",
            """
            {"actions":[{"action":"create","entities":[
              {"dag_id":"a","dag_run_id":"1","note":"one"},{"dag_id":"b","dag_run_id":"1"},
              {"dag_id":"a","dag_run_id":"2"},{"dag_id":"none","dag_run_id":"1"},
              {"dag_id":"a","dag_run_id":"3","conf":{"night":"x"}},{"dag_id":"a","dag_run_id":"1"}]}]}
            """
        );
        Assert.Equal(
            ["manual__a__1", "manual__b__1", "manual__a__2"],
            Texts(created.GetProperty("create").GetProperty("success"))
        );
        Assert.Equal(
            ["manual__none__1 unknown_dag 404", "manual__a__3 invalid_params 422", "manual__a__1 run_exists 409"],
            Errors(created.GetProperty("create"))
        );
        Assert.False(created.TryGetProperty("delete", out _));
        Assert.Equal(["a 2", "b 1"], await Counts(scheduler));

        var skipped = await Patch(
            scheduler,
            "a",
            """{"actions":[{"action":"create","action_on_existence":"skip","entities":[{"dag_run_id":"1"}]}]}"""
        );
        Assert.Empty(Texts(skipped.GetProperty("create").GetProperty("success")));
        Assert.Empty(Errors(skipped.GetProperty("create")));

        var updated = await Patch(
            scheduler,
            "~",
            """
            {"actions":[
              {"action":"update","entities":[{"dag_run_id":"manual__a__1","state":"success","note":"done"},
                {"dag_run_id":"manual__b__1","dag_id":"b","note":"later"},
                {"dag_run_id":"manual__b__9","state":"failed"},
                {"dag_run_id":"manual__b__1","dag_id":"a","note":"not of this DAG"}]},
              {"action":"update","action_on_non_existence":"skip","update_mask":["note"],
                "entities":[{"dag_run_id":"manual__b__9","note":"x"},
                  {"dag_run_id":"manual__a__2","state":"failed","note":"kept"}]}]}
            """
        );
        Assert.Equal(
            ["manual__a__1", "manual__b__1", "manual__a__2"],
            Texts(updated.GetProperty("update").GetProperty("success"))
        );
        Assert.Equal(
            ["manual__b__9 unknown_run 404", "manual__b__1 unknown_run 404"],
            Errors(updated.GetProperty("update"))
        );
        Assert.Equal("success done", await StateAndNote(scheduler, "manual__a__1"));
        Assert.Equal("running later", await StateAndNote(scheduler, "manual__b__1"));
        Assert.Equal("running kept", await StateAndNote(scheduler, "manual__a__2"));

        const string Deletion = """
            {"actions":[{"action":"delete",
              "entities":["manual__a__1",{"dag_run_id":"manual__a__2"},"manual__a__9"]}]}
            """;
        using (var refused = await Send(scheduler, "~", Deletion, Role.Operator))
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var deleted = await Patch(scheduler, "~", Deletion, Role.Admin);
        Assert.Equal(["manual__a__1"], Texts(deleted.GetProperty("delete").GetProperty("success")));
        Assert.Equal(
            ["manual__a__2 run_open 409", "manual__a__9 unknown_run 404"],
            Errors(deleted.GetProperty("delete"))
        );
        Assert.Equal(["a 1", "b 1"], await Counts(scheduler));
        using var gone = await scheduler.Http.GetAsync("/api/v2/dags/a/dagRuns/manual__a__1", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        var log = await scheduler.Read<JsonElement>("/api/v2/eventLogs?event=run_deletion_requested", Cancelled);
        var entry = Assert.Single(log.GetProperty("event_logs").EnumerateArray().ToList());
        Assert.Equal("a", entry.GetProperty("dag_id").GetString());
        Assert.Contains("manual__a__1", entry.GetProperty("extra").GetString());

        await A_request_that_is_wrong_does_nothing(scheduler);
    }

    static async Task A_request_that_is_wrong_does_nothing(RunningService scheduler)
    {
        const string Good = """{"action":"create","entities":[{"dag_id":"a","dag_run_id":"8"}]}""";
        var many = string.Join(',', Enumerable.Repeat("\"r\"", BulkRequest.MostEntities + 1));
        foreach (
            var (dag, body, code) in new[]
            {
                ("~", "{}", "invalid_actions"),
                ("~", """{"actions":[]}""", "invalid_actions"),
                ("~", $$"""{"actions":[{{Good}},{"action":"move","entities":[]}]}""", "invalid_action"),
                ("~", $$"""{"actions":[{{Good}},{"action":"update"}]}""", "invalid_entities"),
                ("~", $$"""{"actions":[{{Good}},{"action":"update","entities":[7]}]}""", "invalid_entities"),
                ("~", $$"""{"actions":[{{Good}},{"action":"update","entities":[null]}]}""", "invalid_entities"),
                (
                    "~",
                    $$"""{"actions":[{{Good}},{"action":"update","entities":[{"note":"x"}]}]}""",
                    "invalid_dag_run_id"
                ),
                (
                    "~",
                    $$"""{"actions":[{{Good}},{"action":"update","entities":[{"dag_run_id":"r","state":"lost"}]}]}""",
                    "invalid_state"
                ),
                (
                    "~",
                    $$"""
                    {"actions":[{{Good}},
                      {"action":"update","update_mask":["x"],"entities":[{"dag_run_id":"r","note":"x"}]}]}
                    """,
                    "invalid_update_mask"
                ),
                (
                    "~",
                    $$"""{"actions":[{{Good}},{"action":"create","entities":[{"dag_run_id":"9"}]}]}""",
                    "invalid_dag_id"
                ),
                ("b", $$"""{"actions":[{{Good}}]}""", "invalid_dag_id"),
                (
                    "~",
                    $$"""{"actions":[{{Good}},{"action":"create","entities":[{"dag_id":"a","dag_run_id":"a b"}]}]}""",
                    "invalid_dag_run_id"
                ),
                (
                    "~",
                    $$"""
                    {"actions":[{{Good}},
                      {"action":"create","action_on_existence":"overwrite","entities":[{"dag_id":"a"}]}]}
                    """,
                    "invalid_action_on_existence"
                ),
                ("~", $$"""{"actions":[{{Good}},{"action":"delete","entities":[{{many}}]}]}""", "invalid_entities"),
            }
        )
        {
            using var answer = await Send(scheduler, dag, body, Role.Admin);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
            var start = body.Length > 100 ? body[..100] : body;
            Assert.Equal((start, code), (start, problem.GetProperty("code").GetString()));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        }
        Assert.Equal(["a 1", "b 1"], await Counts(scheduler));
    }

    static async Task<string[]> Counts(RunningService scheduler) =>
        [
            .. (await scheduler.Read<JsonElement>("/api/v2/dags/~/dagRuns", Cancelled))
                .GetProperty("dag_runs")
                .EnumerateArray()
                .CountBy(x => x.GetProperty("dag_id").GetString()!)
                .OrderBy(x => x.Key, StringComparer.Ordinal)
                .Select(x => $"{x.Key} {x.Value}"),
        ];

    static async Task<string> StateAndNote(RunningService scheduler, string run)
    {
        var one = await scheduler.Read<JsonElement>($"/api/v2/dags/~/dagRuns/{run}", Cancelled);
        var list = await scheduler.Read<JsonElement>($"/api/v2/dags/~/dagRuns?run_id_pattern={run}", Cancelled);
        var row = list.GetProperty("dag_runs")[0];
        foreach (var field in (string[])["state", "note", "ended_by", "triggered_by", "dag_version", "run_after"])
            Assert.Equal(one.GetProperty(field).GetRawText(), row.GetProperty(field).GetRawText());
        return $"{one.GetProperty("state").GetString()} {one.GetProperty("note").GetString()}";
    }

    static IEnumerable<string> Texts(JsonElement list) => list.EnumerateArray().Select(x => x.GetString()!);

    static IEnumerable<string> Errors(JsonElement result) =>
        result
            .GetProperty("errors")
            .EnumerateArray()
            .Select(x => $"{x.GetProperty("key")} {x.GetProperty("code")} {x.GetProperty("status_code")}");

    static async Task<JsonElement> Patch(RunningService scheduler, string dag, string body, Role role = Role.Operator)
    {
        using var answer = await Send(scheduler, dag, body, role);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }

    static Task<HttpResponseMessage> Send(RunningService scheduler, string dag, string body, Role role)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v2/dags/{dag}/dagRuns")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        scheduler.Http.DefaultRequestHeaders.Remove(GatewayHeaders.Role);
        scheduler.Http.DefaultRequestHeaders.Add(GatewayHeaders.Role, role.ToString());
        return scheduler.Http.SendAsync(request, Cancelled);
    }
}
