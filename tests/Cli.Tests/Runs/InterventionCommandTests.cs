using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Cli.Client;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Runs;

/// <summary>What is sent, shown and asked when somebody cancels, marks, clears or deletes.</summary>
public sealed class InterventionCommandTests
{
    const string Run = "manual__etl__1";
    const string Path = $"/api/v2/dags/etl/dagRuns/{Run}";

    readonly ConcurrentQueue<string> requests = new();

    Task<FakeGateway> Gateway(
        string tasks = """[{"dag_run_id":"manual__etl__1","task_id":"load","state":"failed","try_number":2}]"""
    ) =>
        FakeGateway.Start(app =>
        {
            app.MapGet(
                $"/api/v2/dags/~/dagRuns/{Run}",
                () => Results.Text($$"""{"dag_id":"etl","dag_run_id":"{{Run}}"}""", "application/json")
            );
            app.Map(
                "/{**path}",
                async (HttpContext context) =>
                {
                    var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
                    requests.Enqueue($"{context.Request.Method} {context.Request.Path} {body}");
                    var isRun =
                        context.Request.Path == Path && !body.Contains("\"dry_run\":true")
                        || context.Request.Path == Path + "/cancel";
                    return Results.Text(
                        isRun
                            ? $$"""{"dag_run_id":"{{Run}}","state":"failed"}"""
                            : $$"""{"task_instances":{{tasks}}}""",
                        "application/json"
                    );
                }
            );
        });

    // arguments │ the requests that change something
    public static TheoryData<string, string> Commands =>
        new()
        {
            { "runs cancel R", $$"""POST {{Path}}/cancel {"note":null,"dry_run":false}""" },
            {
                "runs cancel R --task load -m late",
                $$"""POST {{Path}}/taskInstances/load/cancel {"note":"late","dry_run":false}"""
            },
            { "runs mark R success --yes", $$"""PATCH {{Path}} {"state":"success","dry_run":false}""" },
            {
                "runs mark R skipped --task load --downstream --future --yes",
                $$"""PATCH {{Path}}/taskInstances/load {"new_state":"skipped","include_upstream":false,"include_downstream":true,"include_past":false,"include_future":true}"""
            },
            {
                "runs clear R --task load --task more --upstream --past --only-failed --yes",
                $$"""POST /api/v2/dags/etl/clearTaskInstances {"dag_run_id":"{{Run}}","task_ids":["load","more"],"include_upstream":true,"include_downstream":false,"include_past":true,"include_future":false,"only_failed":true,"only_running":false,"run_on_latest_version":false,"note":null,"dry_run":false}"""
            },
            {
                "runs clear R --task load --latest --yes",
                $$"""POST /api/v2/dags/etl/clearTaskInstances {"dag_run_id":"{{Run}}","task_ids":["load"],"include_upstream":false,"include_downstream":false,"include_past":false,"include_future":false,"only_failed":false,"only_running":false,"run_on_latest_version":true,"note":null,"dry_run":false}"""
            },
            { "dags delete etl --yes", "DELETE /api/v2/dags/etl " },
        };

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Each_command_sends_one_request(string arguments, string request)
    {
        await using var gateway = await Gateway();
        var ran = await CommandLine.Run([.. arguments.Replace(" R", " " + Run).Split(' '), "--url", gateway.Url]);
        Assert.Equal((ExitCodes.Ok, ""), (ran.ExitCode, ran.Error));
        Assert.Equal(request, Assert.Single(requests));
    }

    [Theory]
    [InlineData("runs clear R --dry-run")]
    [InlineData("runs mark R failed --dry-run")]
    [InlineData("runs mark R failed --task load --dry-run")]
    public async Task A_dry_run_shows_the_tasks_and_changes_nothing(string arguments)
    {
        await using var gateway = await Gateway();
        var ran = await CommandLine.Run([.. arguments.Replace(" R", " " + Run).Split(' '), "--url", gateway.Url]);
        Assert.Equal(ExitCodes.Ok, ran.ExitCode);
        Assert.Equal($"RUN             TASK  STATE   TRY\n{Run}  load  failed  2\n", ran.Out);
        Assert.Contains("dry_run", Assert.Single(requests), StringComparison.Ordinal);
    }

    // Reads what this process reads; no other test does.
    [Theory]
    [InlineData("y\n", ExitCodes.Ok, 2)]
    [InlineData("n\n", ExitCodes.Failed, 1)]
    [InlineData("", ExitCodes.Usage, 1)]
    public async Task Only_a_yes_clears(string typed, int exitCode, int sent)
    {
        await using var gateway = await Gateway();
        var before = Console.In;
        Console.SetIn(new StringReader(typed));
        try
        {
            var ran = await CommandLine.Run("runs", "clear", Run, "--url", gateway.Url);
            Assert.Equal((exitCode, sent), (ran.ExitCode, requests.Count));
            Assert.Contains($"Clear 1 task of {Run}? [y/N] ", ran.Out, StringComparison.Ordinal);
        }
        finally
        {
            Console.SetIn(before);
        }
    }

    [Fact]
    public async Task Nothing_to_clear_is_said_and_not_asked()
    {
        await using var gateway = await Gateway(tasks: "[]");
        var ran = await CommandLine.Run("runs", "clear", Run, "--url", gateway.Url);
        Assert.Equal((ExitCodes.Ok, "There is nothing to be cleared.\n"), (ran.ExitCode, ran.Out));
    }

    [Theory]
    [InlineData("runs mark R skipped", "A run cannot be skipped")]
    [InlineData("runs mark R success --past", "--past needs --task")]
    [InlineData("runs mark R queued", "'queued'")]
    [InlineData("runs clear R --json", "--json needs --yes or --dry-run")]
    [InlineData("runs clear R --only-failed --only-running", "exclude each other")]
    [InlineData("dags delete etl --json", "--json needs --yes")]
    public void A_wrong_command_line_is_refused(string arguments, string why) =>
        Assert.Contains(
            why,
            string.Join(
                '\n',
                CommandLine.Parse(arguments.Replace(" R", " " + Run).Split(' ')).Errors.Select(x => x.Message)
            ),
            StringComparison.Ordinal
        );
}
