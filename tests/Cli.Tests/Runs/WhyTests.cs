using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Runs;

public sealed class WhyTests
{
    static Task<FakeGateway> Gateway(string dependencies) =>
        FakeGateway.Start(app =>
        {
            IResult Text(string body) => Results.Text(body, "application/json");
            const string run = "/api/v2/dags/etl/dagRuns/r";
            app.MapGet(
                "/api/v2/dags/~/dagRuns/r",
                () => Text("""{"dag_id":"etl","dag_run_id":"r","state":"running"}""")
            );
            app.MapGet(
                $"{run}/dependencies",
                () =>
                    Text(
                        dependencies.Length == 0
                            ? """{"task_instances":[],"total_entries":0}"""
                            : $$"""{"task_instances":[{"task_id":"a","state":"scheduled","dependencies":[{{dependencies}}]}]}"""
                    )
            );
            app.MapGet($"{run}/taskInstances/a/dependencies", () => Text($$"""{"dependencies":[{{dependencies}}]}"""));
        });

    [Fact]
    public async Task Each_thing_a_task_waits_for_has_a_line()
    {
        await using var gateway = await Gateway("""{"reason":"a slot\u001b[2J"},{"reason":"room"}""");
        Assert.Equal(
            "TASK  STATE      SINCE  WAITS FOR\na     scheduled         a slot[2J\na     scheduled         room\n",
            (await CommandLine.Run("runs", "why", "r", "--url", gateway.Url)).Out
        );
        Assert.Equal("a slot[2J\nroom\n", (await CommandLine.Run("runs", "why", "r", "a", "--url", gateway.Url)).Out);
    }

    [Fact]
    public async Task Nothing_that_waits_is_said_in_a_sentence()
    {
        await using var gateway = await Gateway("");
        Assert.Equal(
            "No task waits; the run is running.\n",
            (await CommandLine.Run("runs", "why", "r", "--url", gateway.Url)).Out
        );
        Assert.Equal(
            "Task a does not wait: it runs, or has ended.\n",
            (await CommandLine.Run("runs", "why", "r", "a", "--url", gateway.Url)).Out
        );
    }
}
