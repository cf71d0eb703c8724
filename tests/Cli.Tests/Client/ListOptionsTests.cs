using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Tests.Client;

/// <summary>What the commands that list ask for.</summary>
public sealed class ListOptionsTests
{
    [Theory]
    [InlineData("runs list", "/api/v2/dags/~/dagRuns?limit=20")]
    [InlineData("runs list --dag etl --limit 5", "/api/v2/dags/etl/dagRuns?limit=5")]
    [InlineData(
        "runs list --state failed --state running --type backfill --match x%y --order-by=-duration --cursor abc",
        "/api/v2/dags/~/dagRuns?limit=20&cursor=abc&state=failed&state=running&run_type=backfill"
            + "&run_id_pattern=x%25y&order_by=-duration"
    )]
    [InlineData(
        "runs list --logical-date-from 2026-03-01T09:00Z --end-until 2026-03-02T00:00:00+02:00 --longer-than 1.5",
        "/api/v2/dags/~/dagRuns?limit=20&logical_date_gte=2026-03-01T09%3A00%3A00.0000000%2B00%3A00"
            + "&end_date_lt=2026-03-01T22%3A00%3A00.0000000%2B00%3A00&duration_gt=1.5"
    )]
    [InlineData(
        "dags list --match etl --paused true --last-state failed",
        "/api/v2/dags?dag_id_pattern=etl&paused=true&last_dag_run_state=failed"
    )]
    [InlineData("backfill list --dag etl", "/api/v2/backfills?limit=20&dag_id=etl")]
    [InlineData("pools list --match db", "/api/v2/pools?limit=1000&pool_name_pattern=db")]
    [InlineData(
        "deliveries list --status matched --repository acme/site",
        "/api/v2/deliveries?limit=20&status=matched&repository=acme%2Fsite"
    )]
    [InlineData("incidents list --state open --limit 3", "/api/v2/incidents?limit=3&state=open")]
    [InlineData("healing list --state given-up", "/api/v2/healing?limit=100&state=given-up")]
    [InlineData(
        "events list --dag etl --owner ann --event run_queued --event dag_paused --exclude pool_set "
            + "--before 2026-03-01Z",
        "/api/v2/eventLogs?limit=20&dag_id=etl&owner=ann&event=run_queued&event=dag_paused&excluded_events=pool_set"
            + "&before=2026-03-01T00%3A00%3A00.0000000%2B00%3A00"
    )]
    public async Task Each_option_is_a_parameter_of_the_API(string command, string address)
    {
        var asked = "";
        await using var gateway = await FakeGateway.Start(app =>
            app.Map(
                "/{**path}",
                (HttpContext http) =>
                {
                    asked = http.Request.Path + http.Request.QueryString;
                    return Results.Text("{}", "application/json");
                }
            )
        );
        var run = await CommandLine.Run([.. command.Split(' '), "--url", gateway.Url, "--json"]);
        Assert.Equal((ExitCodes.Ok, "{}\n"), (run.ExitCode, run.Out));
        Assert.Equal(address, asked);
    }

    [Theory]
    [InlineData("runs list --limit 0", "--limit is '0'; write a number from 1 to 1000")]
    [InlineData(
        "runs list --start-from soon",
        "--start-from is 'soon'; write a time such as 2026-03-01T09:00 or 2026-03-01T09:00Z"
    )]
    public void What_cannot_be_meant_is_refused_by_name(string command, string error) =>
        Assert.Equal(error, Assert.Single(CommandLine.Parse(command.Split(' ')).Errors).Message);

    [Theory]
    [InlineData("runs list --state lost")]
    [InlineData("runs list --order-by colour")]
    [InlineData("dags list --paused maybe")]
    [InlineData("runs list --longer-than long")]
    public void Words_and_numbers_that_are_none_are_refused(string command) =>
        Assert.NotEmpty(CommandLine.Parse(command.Split(' ')).Errors);
}
