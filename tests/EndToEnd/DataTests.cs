using System.Text.Json;

namespace Nightshift.EndToEnd.Tests;

/// <summary>Typed params, variables and outputs through containers, by the command line.</summary>
[Collection("The running system")]
public sealed class DataTests(RunningSystem system)
{
    [Fact]
    public async Task A_list_goes_from_a_param_through_a_container_into_the_next_task()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(
            Path.Combine(system.Dags, "data.yaml"),
            """
            dag: data
            params:
              hosts: { schema: { type: array, items: { type: string, pattern: "^[a-z]+$" } }, default: [a] }
            tasks:
              ask:
                run: |
                  echo "::output rows=7"
                  printf 'hosts<<END\n[{"name": "%s"},\n {"name": "z"}]\nEND\n' "$FIRST" >> "$NIGHTSHIFT_OUTPUT"
                env: { FIRST: "{{ params.hosts[1] }}" }
                outputs:
                  rows: { schema: { type: integer, minimum: 1 } }
                  hosts: { schema: { type: array, items: { type: object, required: [name] } } }
              show:
                needs: [ask]
                run: echo "::output text=$TEXT"
                run_if: tasks.ask.output.rows > 5
                env:
                  TEXT: "{% for h in tasks.ask.output.hosts %}{{ h.name }}.{{ var.e2e_zones.main }} {% endfor %}"
            """,
            cancellationToken
        );
        await system.Await("api/v2/dags/data", _ => true, cancellationToken);
        await system.Do(cancellationToken, "variables", "set", "e2e_zones", """{"main":"eu"}""");
        var answer = await system.Do(
            cancellationToken,
            "dags",
            "trigger",
            "data",
            "-p",
            """hosts=["x","y"]""",
            "--run",
            "e2e",
            "--json"
        );
        var run = JsonSerializer.Deserialize<JsonElement>(answer).GetProperty("dag_run_id").GetString()!;
        await system.AwaitRun("data", run, "success", cancellationToken);
        var shown = await system.Ask($"api/v2/dags/data/dagRuns/{run}/taskInstances/show", cancellationToken);
        Assert.Equal("y.eu z.eu", shown.GetProperty("outputs").GetProperty("text").GetString()!.Trim());
        await system.Do(cancellationToken, "variables", "delete", "e2e_zones");
        Assert.Contains(
            "y.eu z.eu",
            await system.Do(cancellationToken, "runs", "rendered", run, "show"),
            StringComparison.Ordinal
        );
        await Replays.Work(system, "run", run, "run_queued", cancellationToken);
    }
}
