using Nightshift.Cli.Client;

namespace Nightshift.Cli.Tests.Client;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData(200, ExitCodes.Ok)]
    [InlineData(401, ExitCodes.Refused)]
    [InlineData(403, ExitCodes.Refused)]
    [InlineData(404, ExitCodes.Failed)]
    [InlineData(409, ExitCodes.Failed)]
    [InlineData(422, ExitCodes.Usage)]
    [InlineData(500, ExitCodes.Failed)]
    [InlineData(502, ExitCodes.Unreachable)]
    [InlineData(503, ExitCodes.Unreachable)]
    [InlineData(504, ExitCodes.Unreachable)]
    public async Task The_exit_code_follows_the_answer_and_the_problem_is_the_message(int status, int exitCode)
    {
        await using var gateway = await FakeGateway.Answering(status, """{"dags":[],"detail":"Because."}""");
        var run = await CommandLine.Run("dags", "list", "--url", gateway.Url);
        Assert.Equal((exitCode, exitCode == 0 ? "" : "Because.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Nobody_there_is_said_in_one_line()
    {
        var run = await CommandLine.Run("dags", "list", "--url", "http://127.0.0.1:1");
        Assert.Equal(
            (
                ExitCodes.Unreachable,
                "",
                "Nightshift does not answer at http://127.0.0.1:1/: Connection refused. './nightshift up' starts it.\n"
            ),
            (run.ExitCode, run.Out, run.Error)
        );
    }

    [Fact]
    public async Task A_wrong_url_is_a_wrong_command_line()
    {
        var run = await CommandLine.Run("dags", "list", "--url", "localhost:8787");
        Assert.Equal(
            (ExitCodes.Usage, "'localhost:8787' is not a URL; write for example http://127.0.0.1:8787\n"),
            (run.ExitCode, run.Error)
        );
    }

    [Fact]
    public async Task Something_else_that_answers_is_not_taken_for_nightshift()
    {
        await using var other = await FakeGateway.Answering(200, "<html>", "text/html");
        var run = await CommandLine.Run("runs", "list", "--url", other.Url);
        Assert.Equal(ExitCodes.Unreachable, run.ExitCode);
        Assert.Contains("is not Nightshift", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_is_sent_as_a_bearer_token()
    {
        await using var gateway = await FakeGateway.Start(x =>
            Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapGet(
                x,
                "/api/v2/dags",
                (Microsoft.AspNetCore.Http.HttpContext context) =>
                    new { dags = new[] { new { dag_id = context.Request.Headers.Authorization.ToString() } } }
            )
        );
        var run = await CommandLine.Run("dags", "list", "--url", gateway.Url, "--token", "ns_x");
        Assert.Contains("\nBearer ns_x", run.Out, StringComparison.Ordinal);
    }
}
