using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Interventions;

/// <summary>Groups of tasks over REST, under Airflow's names.</summary>
[Collection("one broker, one queue")]
public sealed class TaskGroupEndpointTests
{
    const string RunId = "manual__etl__1",
        Path = $"/api/v2/dags/etl/dagRuns/{RunId}",
        Clear = "/api/v2/dags/etl/clearTaskInstances";

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-groups-").FullName;

    // method │ address │ body │ the tasks in the answer, or what its detail says; in this order
    static readonly (string Method, string Path, string Body, string Answer)[] Calls =
    [
        ("GET", $"{Path}/taskInstances?task_group_id=g", "", "g.a queued, g.in.b queued"),
        ("GET", $"{Path}/taskInstances?task_group_id=g.in", "", "g.in.b queued"),
        ("GET", $"{Path}/taskInstances?task_group_id=end", "", "has no group 'end'"),
        ("PATCH", $"{Path}/taskGroupInstances/end", """{"new_state":"success"}""", "has no group 'end'"),
        ("PATCH", $"{Path}/taskGroupInstances/g/dry_run", """{"new_state":"failed"}""", "g.a queued, g.in.b queued"),
        ("PATCH", $"{Path}/taskGroupInstances/g.in", """{"new_state":"success","note":"ok"}""", "g.in.b success"),
        ("POST", $"{Path}/taskInstances/g/cancel", "{}", "g.a failed"),
        ("PATCH", $"{Path}/taskGroupInstances/g", """{"note":"all"}""", ""),
        (
            "POST",
            Clear,
            $$"""{"dag_run_id":"{{RunId}}","task_group_id":"g","only_failed":false}""",
            "g.a failed, g.in.b success"
        ),
        ("POST", Clear, $$"""{"dag_run_id":"{{RunId}}","task_group_id":"g","dry_run":false}""", "g.a queued"),
        (
            "POST",
            Clear,
            $$"""{"dag_run_id":"{{RunId}}","task_group_id":"g","task_ids":["end"]}""",
            "'task_ids' and 'task_group_id' exclude each other"
        ),
        ("POST", Clear, $$"""{"dag_run_id":"{{RunId}}","task_group_id":"end"}""", "has no group 'end'"),
    ];

    [Fact]
    public async Task A_group_is_listed_marked_cancelled_and_cleared_as_its_tasks()
    {
        using var infrastructure = await TestInfrastructure.Prepare("groups", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var dag = Plans.Dag(
            """
            dag: etl
            defaults: { queue: nobody }
            tasks:
              g: { tasks: { a: { noop: true }, in: { tasks: { b: { noop: true } } } } }
              end: { needs: g, noop: true }
            """
        );
        await scheduler
            .Get<StreamStore<Run>>()
            .Transact(RunId, run => RunDecider.Decide(run, Plans.Start(dag)), Cancelled);
        foreach (var (method, path, body, expected) in Calls)
        {
            using var request = new HttpRequestMessage(new(method), path);
            if (body.Length > 0)
                request.Content = new StringContent(
                    body,
                    new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")
                );
            using var answer = await scheduler.Http.SendAsync(request, Cancelled);
            var json = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
            if (answer.IsSuccessStatusCode)
                Assert.Equal((path, expected), (path, Tasks(json)));
            else
                Assert.Contains(expected, json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        var noted = await scheduler.Read<JsonElement>($"{Path}/taskInstances/g.a", Cancelled);
        Assert.Equal("all", noted.GetProperty("note").GetString());
    }

    static string Tasks(JsonElement answer) =>
        string.Join(
            ", ",
            answer
                .GetProperty("task_instances")
                .EnumerateArray()
                .Select(x => $"{x.GetProperty("task_id")} {x.GetProperty("state")}")
        );
}
