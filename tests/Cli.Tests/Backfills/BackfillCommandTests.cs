using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Cli.Client;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Backfills;

public sealed class BackfillCommandTests
{
    const string Answer = """
        {"id":7,"dag_id":"etl","state":"running","total_dates":31,"skipped_dates":2,"succeeded_runs":3,"failed_runs":1,
         "from_date":"2026-01-01T00:00:00Z","to_date":"2026-01-31T00:00:00Z","max_active_runs":4}
        """;

    readonly List<string> asked = [];

    Task<FakeGateway> Gateway() =>
        FakeGateway.Start(app =>
        {
            app.MapGet(
                "/api/v2/dags/etl",
                () => Results.Text("""{"dag_id":"etl","timezone":"Europe/Berlin"}""", "application/json")
            );
            app.Map(
                "/api/v2/backfills/{**rest}",
                async (HttpRequest request) =>
                {
                    using var body = new StreamReader(request.Body);
                    asked.Add($"{request.Method} {request.Path} {await body.ReadToEndAsync()}".Trim());
                    return Results.Text(
                        request.Path.Value!.EndsWith("dry_run", StringComparison.Ordinal)
                                ? """
                                {"backfills":[{"logical_date":"2026-01-01T00:00:00Z"}],"total_entries":1,
                                 "skipped":[{"logical_date":"2026-01-02T00:00:00Z","reason":"in flight"}]}
                                """
                            : request.Method == "GET"
                            && request.Path.Value!.TrimEnd('/').EndsWith("backfills", StringComparison.Ordinal)
                                ? $$"""{"backfills":[{{Answer}}]}"""
                            : Answer,
                        "application/json"
                    );
                }
            );
        });

    [Fact]
    public async Task A_backfill_is_asked_for_by_dates_of_the_DAGs_time_zone()
    {
        await using var gateway = await Gateway();
        var run = await CommandLine.Run(
            "backfill",
            "create",
            "etl",
            "--from",
            "2026-01-01",
            "--to",
            "2026-01-31T00:00Z",
            "--backwards",
            "--reprocess",
            "failed",
            "--max-active-runs",
            "4",
            "-p",
            "who=me",
            "--url",
            gateway.Url
        );
        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.Equal(
            "Backfill 7 of etl is running: 6 of 31 dates done.\nLook at it: ./nightshift backfill show 7\n",
            run.Out
        );
        var body = JsonElement.Parse(asked.Single()["POST /api/v2/backfills ".Length..]);
        DateTimeOffset At(string name) => body.GetProperty(name).GetDateTimeOffset();
        Assert.Equal(new(2025, 12, 31, 23, 0, 0, TimeSpan.Zero), At("from_date").ToUniversalTime());
        Assert.Equal(new(2026, 1, 31, 0, 0, 0, TimeSpan.Zero), At("to_date").ToUniversalTime());
        Assert.Equal(
            ("etl", true, "failed", 4, "me"),
            (
                body.GetProperty("dag_id").GetString(),
                body.GetProperty("run_backwards").GetBoolean(),
                body.GetProperty("reprocess_behavior").GetString(),
                body.GetProperty("max_active_runs").GetInt32(),
                body.GetProperty("dag_run_conf").GetProperty("who").GetString()
            )
        );
    }

    [Fact]
    public async Task A_dry_run_lists_the_dates_and_says_that_nothing_was_done()
    {
        await using var gateway = await Gateway();
        var run = await CommandLine.Run(
            "backfill",
            "create",
            "etl",
            "--from",
            "2026-01-01",
            "--to",
            "2026-01-02",
            "--dry-run",
            "--url",
            gateway.Url
        );
        Assert.StartsWith("POST /api/v2/backfills/dry_run", asked.Single(), StringComparison.Ordinal);
        Assert.Contains("left out: in flight", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("1 runs, 1 dates left out. Nothing was done.\n", run.Out, StringComparison.Ordinal);
    }

    // command line │ what is asked │ what is printed
    [Theory]
    [InlineData("list", "GET /api/v2/backfills", "6 of 31")]
    [InlineData("show 7", "GET /api/v2/backfills/7", "at most 4")]
    [InlineData("pause 7", "PUT /api/v2/backfills/7/pause", "Backfill 7 of etl")]
    [InlineData("unpause 7", "PUT /api/v2/backfills/7/unpause", "Backfill 7 of etl")]
    [InlineData("cancel 7", "PUT /api/v2/backfills/7/cancel", "Backfill 7 of etl")]
    public async Task Each_verb_asks_for_one_thing(string line, string asks, string prints)
    {
        await using var gateway = await Gateway();
        var run = await CommandLine.Run(["backfill", .. line.Split(' '), "--url", gateway.Url]);
        Assert.Equal((ExitCodes.Ok, asks), (run.ExitCode, asked.Single()));
        Assert.Contains(prints, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_that_is_none_is_refused_with_what_to_write() =>
        Assert.Equal(
            "--from is 'yesterday'; write a time such as 2026-03-01T09:00 or 2026-03-01T09:00Z",
            CommandLine
                .Parse("backfill", "create", "etl", "--from", "yesterday", "--to", "2026-01-02")
                .Errors.Single()
                .Message
        );
}
