using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Cli.Client;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Pools;

public sealed class PoolCommandTests
{
    const string Db =
        """{"name":"db","slots":2,"description":"two\u001b[2J","running_slots":1,"queued_slots":0,"open_slots":1,"scheduled_slots":3}""";
    const string Any =
        """{"name":"any","slots":-1,"description":"","running_slots":0,"queued_slots":0,"open_slots":-1,"scheduled_slots":0}""";

    readonly List<string> calls = [];

    Task<FakeGateway> Gateway(bool exists) =>
        FakeGateway.Start(app =>
        {
            app.MapGet(
                "/api/v2/pools",
                () => Results.Text($$"""{"pools":[{{Db}},{{Any}}],"total_entries":2}""", "application/json")
            );
            app.MapPatch(
                "/api/v2/pools/{name}",
                (HttpContext http) =>
                    exists ? Answer(http, 200, Db) : Answer(http, 404, """{"detail":"There is none"}""")
            );
            app.MapPost("/api/v2/pools", (HttpContext http) => Answer(http, 201, Any));
            app.MapDelete(
                "/api/v2/pools/{name}",
                (HttpContext http) =>
                    exists ? Answer(http, 204, "") : Answer(http, 404, """{"detail":"There is no pool 'db'"}""")
            );
        });

    async Task Answer(HttpContext http, int status, string body)
    {
        using var reader = new StreamReader(http.Request.Body);
        calls.Add($"{http.Request.Method} {http.Request.Path} {await reader.ReadToEndAsync()}".Trim());
        (http.Response.StatusCode, http.Response.ContentType) = (status, "application/json");
        if (body.Length > 0)
            await http.Response.WriteAsync(body);
    }

    [Fact]
    public async Task Pools_are_listed_with_what_is_taken()
    {
        await using var gateway = await Gateway(exists: true);
        Assert.Equal(
            """
            POOL  SLOTS  RUNNING  QUEUED  OPEN  WAITING  DESCRIPTION
            db    2      1        0       1     3        two[2J
            any   any    0        0       any   0

            """,
            (await CommandLine.Run("pools", "list", "--url", gateway.Url)).Out
        );
    }

    [Fact]
    public async Task A_pool_that_is_there_is_changed_and_another_is_made()
    {
        await using (var gateway = await Gateway(exists: true))
            Assert.Equal(
                ExitCodes.Ok,
                (await CommandLine.Run("pools", "set", "db", "2", "--url", gateway.Url)).ExitCode
            );
        await using (var gateway = await Gateway(exists: false))
            Assert.Equal(
                ExitCodes.Ok,
                (
                    await CommandLine.Run("pools", "set", "any", "-1", "--description", "x y", "--url", gateway.Url)
                ).ExitCode
            );
        Assert.Equal(
            [
                """PATCH /api/v2/pools/db {"name":"db","slots":2,"description":null}""",
                """PATCH /api/v2/pools/any {"name":"any","slots":-1,"description":"x y"}""",
                """POST /api/v2/pools {"name":"any","slots":-1,"description":"x y"}""",
            ],
            calls
        );
    }

    [Theory]
    [InlineData(true, ExitCodes.Ok, "Pool db is deleted.\n", "")]
    [InlineData(false, ExitCodes.Failed, "", "There is no pool 'db'\n")]
    public async Task A_pool_is_deleted(bool exists, int code, string output, string error)
    {
        await using var gateway = await Gateway(exists);
        var run = await CommandLine.Run("pools", "delete", "db", "--url", gateway.Url);
        Assert.Equal((code, output, error), (run.ExitCode, run.Out, run.Error));
        Assert.Equal(["DELETE /api/v2/pools/db"], calls);
    }
}
