using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Cli.Client;
using Nightshift.Cli.Tests.Client;
using Nightshift.Cli.Variables;

namespace Nightshift.Cli.Tests.Variables;

public sealed class VariableCommandTests
{
    const string Region = """{"key":"region","value":"eu\u001b[2J","description":null,"is_encrypted":false}""";
    const string Hosts = """{"key":"hosts","value":"[{\"a\":1}]","description":"Where.","is_encrypted":false}""";

    readonly List<string> calls = [];

    Task<FakeGateway> Gateway(bool exists = true, string bulk = """{"create":{"success":["a"],"errors":[]}}""") =>
        FakeGateway.Start(app =>
        {
            app.MapGet(
                "/api/v2/variables",
                (HttpContext http) =>
                {
                    calls.Add($"GET {http.Request.QueryString}");
                    return Results.Text(
                        $$"""{"variables":[{{Hosts}},{{Region}}],"total_entries":2}""",
                        "application/json"
                    );
                }
            );
            app.MapGet("/api/v2/variables/{key}", () => Results.Text(Hosts, "application/json"));
            app.MapPatch("/api/v2/variables", (HttpContext http) => Answer(http, 200, bulk));
            app.MapPatch(
                "/api/v2/variables/{key}",
                (HttpContext http) =>
                    exists ? Answer(http, 200, Region) : Answer(http, 404, """{"detail":"There is none"}""")
            );
            app.MapPost("/api/v2/variables", (HttpContext http) => Answer(http, 201, Region));
            app.MapDelete(
                "/api/v2/variables/{key}",
                (HttpContext http) =>
                    exists ? Answer(http, 204, "") : Answer(http, 404, """{"detail":"There is no variable 'a'"}""")
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
    public async Task Variables_are_listed_and_nothing_in_them_steers_the_terminal()
    {
        await using var gateway = await Gateway();
        var run = await CommandLine.Run("variables", "list", "--pattern", "a%", "--url", gateway.Url);
        Assert.Equal(
            """
            VARIABLE  VALUE      DESCRIPTION
            hosts     [{"a":1}]  Where.
            region    eu[2J

            """,
            run.Out
        );
        Assert.Equal(["GET ?limit=1000&offset=0&variable_key_pattern=a%25"], calls);
    }

    [Fact]
    public async Task A_value_is_printed_as_it_is()
    {
        await using var gateway = await Gateway();
        Assert.Equal("[{\"a\":1}]\n", (await CommandLine.Run("variables", "get", "hosts", "--url", gateway.Url)).Out);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Setting_one_changes_it_or_makes_it(bool exists)
    {
        await using var gateway = await Gateway(exists);
        var run = await CommandLine.Run("variables", "set", "region", "eu", "--url", gateway.Url);
        Assert.Equal((ExitCodes.Ok, "Variable region is set.\n"), (run.ExitCode, run.Out));
        const string Body = """{"key":"region","value":"eu","description":null}""";
        string[] expected = [$"PATCH /api/v2/variables/region {Body}"];
        Assert.Equal(exists ? expected : [.. expected, $"POST /api/v2/variables {Body}"], calls);
    }

    [Fact]
    public async Task What_is_not_there_is_not_deleted()
    {
        await using var gateway = await Gateway(exists: false);
        var run = await CommandLine.Run("variables", "delete", "a", "--url", gateway.Url);
        Assert.Equal((ExitCodes.Failed, "There is no variable 'a'\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task A_file_is_imported_in_one_request()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            """{"a": "1", "b": {"x": [2]}, "c": {"value": "3", "description": "C."}, "d": {"value": 1, "other": 2}}""",
            TestContext.Current.CancellationToken
        );
        await using var gateway = await Gateway();
        var run = await CommandLine.Run("variables", "import", file, "--on-existing", "skip", "--url", gateway.Url);
        Assert.Equal((ExitCodes.Ok, "1 of 4 variables are set; the others exist.\n"), (run.ExitCode, run.Out));
        Assert.Equal(
            "PATCH /api/v2/variables "
                + """{"actions":[{"action":"create","action_on_existence":"skip","entities":["""
                + """{"key":"a","value":"1"},{"key":"b","value":{"x":[2]}},"""
                + """{"key":"c","value":"3","description":"C."},{"key":"d","value":{"value":1,"other":2}}]}]}""",
            Assert.Single(calls)
        );
    }

    [Fact]
    public async Task What_cannot_be_imported_is_named()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """{"db_password": "1"}""", TestContext.Current.CancellationToken);
        await using var gateway = await Gateway(
            bulk: """{"create":{"success":[],"errors":[{"error":"'key' is 'db_password'; no","status_code":422}]}}"""
        );
        var run = await CommandLine.Run("variables", "import", file, "--url", gateway.Url);
        Assert.Equal(
            (ExitCodes.Failed, "0 of 1 variables are set.\n", "'key' is 'db_password'; no\n"),
            (run.ExitCode, run.Out, run.Error)
        );
    }

    [Theory]
    [InlineData("[1]", "is no JSON object of keys and values")]
    [InlineData("{", "is no JSON:")]
    [InlineData("""{"a":1,"a":2}""", "is no JSON:")]
    public void Another_file_is_refused(string json, string text) =>
        Assert.Contains(
            text,
            Assert.Throws<AnswerException>(() => VariableFileCommands.Read(json, "f.json").Count).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task What_is_exported_can_be_imported()
    {
        await using var gateway = await Gateway();
        var run = await CommandLine.Run("variables", "export", "--url", gateway.Url);
        Assert.Equal(
            [
                """{"key":"hosts","value":"[{\u0022a\u0022:1}]","description":"Where."}""",
                """{"key":"region","value":"eu[2J"}""",
            ],
            VariableFileCommands.Read(run.Out, "-").Select(x => x.ToJsonString().Replace("\\u001B", ""))
        );
    }
}
