using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Cli.Client;
using Nightshift.Cli.Dags;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Dags;

public sealed class DagCommandTests
{
    /// <param name="mistake">Whether the DAG's file has a mistake now.</param>
    /// <param name="status">What a POST of a run answers: 201 when it is new, 200 when it existed.</param>
    static Task<FakeGateway> Gateway(bool mistake, int status = 201) =>
        FakeGateway.Start(app =>
        {
            var dag =
                $$"""{"dag_id":"etl","file_loc":"etl.yaml","has_import_errors":{{(mistake ? "true" : "false")}}}""";
            app.MapGet("/api/v2/dags", () => Results.Text($$"""{"dags":[{{dag}}]}""", "application/json"));
            app.MapGet("/api/v2/dags/etl", () => Results.Text(dag, "application/json"));
            app.MapPost(
                "/api/v2/dags/etl/dagRuns",
                () =>
                    Results.Text(
                        """{"dag_run_id":"manual__etl__k1","state":"running"}""",
                        "application/json",
                        statusCode: status
                    )
            );
        });

    [Theory]
    [InlineData(false, "")]
    [InlineData(
        true,
        "The DAG's file has a mistake, so its last good version is started; './nightshift dags errors' shows the mistake.\n"
    )]
    public async Task Starting_the_last_good_version_is_said_beside_the_answer(bool mistake, string said)
    {
        await using var gateway = await Gateway(mistake);
        var run = await CommandLine.Run("dags", "trigger", "etl", "--url", gateway.Url);
        Assert.Equal(
            (ExitCodes.Ok, "manual__etl__k1 is running.\nFollow it: ./nightshift runs watch manual__etl__k1\n", said),
            (run.ExitCode, run.Out, run.Error)
        );
    }

    [Fact]
    public async Task A_run_that_existed_is_not_said_to_be_started()
    {
        await using var gateway = await Gateway(mistake: true, status: 200);
        var run = await CommandLine.Run("dags", "trigger", "etl", "--run", "k1", "--url", gateway.Url);
        Assert.Equal(
            (
                ExitCodes.Ok,
                "manual__etl__k1 existed already and is running; nothing was started.\nFollow it: ./nightshift runs watch manual__etl__k1\n",
                ""
            ),
            (run.ExitCode, run.Out, run.Error)
        );
    }

    [Theory]
    [InlineData("list")]
    [InlineData("show", "etl")]
    public async Task A_DAG_whose_file_has_a_mistake_is_shown_with_where_to_read_it(params string[] command)
    {
        await using var gateway = await Gateway(mistake: true);
        Assert.Contains(
            "./nightshift dags errors",
            (await CommandLine.Run(["dags", .. command, "--url", gateway.Url])).Out,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("""{ "type": "integer" }""", "7", "7")]
    [InlineData("""{ "type": "string" }""", "7", "\"7\"")]
    [InlineData("""{ "type": ["string", "array"] }""", "[1]", "\"[1]\"")]
    [InlineData("""{ "type": "array", "items": { "type": "integer" } }""", "[1,2]", "[1,2]")]
    [InlineData("""{ "type": "boolean" }""", "true", "true")]
    [InlineData("""{ "type": "integer" }""", "many", "\"many\"")]
    [InlineData("{}", "7", "\"7\"")]
    public void A_value_is_JSON_where_its_schema_wants_no_text(string schema, string given, string sent)
    {
        using var dag = JsonDocument.Parse($$"""{ "params": { "x": { "value": null, "schema": {{schema}} } } }""");
        Assert.Equal(sent, TriggerCommand.Conf([$"x={given}"], dag.RootElement)["x"].GetRawText());
    }
}
