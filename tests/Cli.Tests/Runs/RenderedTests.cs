using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Runs;

public sealed class RenderedTests
{
    [Fact]
    public async Task What_an_attempt_was_asked_to_do_is_shown_in_lines()
    {
        await using var gateway = await FakeGateway.Start(app =>
        {
            app.MapGet(
                "/api/v2/dags/~/dagRuns/r",
                () => Results.Text("""{"dag_id":"etl","dag_run_id":"r","state":"running"}""", "application/json")
            );
            app.MapGet(
                "/api/v2/dags/etl/dagRuns/r/taskInstances/a/renderedFields",
                (HttpContext http) =>
                    Results.Text(
                        $$$"""
                        {"try_number":{{{http.Request.Query["try_number"]}}},"rendered_fields":{"image":"alpine",
                         "command":["sh","-c","ls"],"env":{"B":"two\u001b[2J","A":"secret:db"},"timeout":600,
                         "memory":64,"cpus":0.5,"queue":"default"}}
                        """,
                        "application/json"
                    )
            );
        });
        Assert.Equal(
            """
            Try:      2
            Image:    alpine
            Command:  ["sh","-c","ls"]
            Timeout:  600 s
            Memory:   64 MiB
            Cpus:     0.5
            Queue:    default

            VARIABLE  VALUE
            A         secret:db
            B         two[2J

            """,
            (await CommandLine.Run("runs", "rendered", "r", "a", "--try", "2", "--url", gateway.Url)).Out
        );
    }
}
