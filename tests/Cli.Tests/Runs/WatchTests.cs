using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Nightshift.Cli.Client;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Runs;

public sealed class WatchTests
{
    static string Step(int version, string type, string data) =>
        $$$"""{"version":{{{version}}},"type":"{{{type}}}","recordedAt":"2026-01-31T09:00:00Z","data":{{{data}}}}""";

    static string Event(string type, string data) => $"event: {type}\ndata: {data}\n\n";

    static string Queued(int version, string task, int attempt = 1, string kind = "container") =>
        Event(
            "task_queued",
            Step(
                version,
                "task_queued",
                $$$"""{"task":"{{{task}}}","attempt":{{{attempt}}},"work":{"kind":"{{{kind}}}"}}"""
            )
        );

    static string Finished(int version, string outcome, int end = 1) =>
        Event("run_finished", Step(version, "run_finished", $$"""{"outcome":"{{outcome}}","end":{{end}}}"""));

    /// <param name="ends">How often the run has ended when watching begins.</param>
    /// <param name="outcome">How it has ended then; null while it runs.</param>
    /// <param name="connections">What each connection to the run's stream sends before it is closed; the last one stays
    /// open.</param>
    static Task<FakeGateway> Gateway(int ends, string? outcome, params string[] connections) =>
        FakeGateway.Start(app =>
        {
            var connection = -1;
            app.MapGet(
                "/api/v2/dags/~/dagRuns/{run}",
                (string run) => Results.Text($$"""{"dag_run_id":"{{run}}","dag_id":"hello"}""", "application/json")
            );
            app.MapGet(
                "/api/v2/dags/~/dagRuns",
                () => Results.Text("""{"dag_runs":[{"dag_run_id":"newest","dag_id":"hello"}]}""", "application/json")
            );
            app.MapGet("/api/v2/streams/{id}/state", () => new { state = new { ends, outcome } });
            app.MapGet(
                "/api/v2/streams/{id}/follow",
                (HttpContext context, CancellationToken cancellationToken) =>
                    Send(
                        context,
                        connections[Math.Min(Interlocked.Increment(ref connection), connections.Length - 1)],
                        connection >= connections.Length - 1,
                        cancellationToken
                    )
            );
            app.MapGet(
                "/api/v2/dags/hello/dagRuns/{run}/taskInstances/{task}/logs/{attempt}",
                (HttpContext context, string task, string attempt, CancellationToken cancellationToken) =>
                    Send(
                        context,
                        Event(
                            "line",
                            $$"""{"at":"2026-01-31T09:00:00Z","stream":"stdout","text":"{{task}} says {{attempt}}"}"""
                        ) + Event("end", "{}"),
                        stay: false,
                        cancellationToken
                    )
            );
        });

    static async Task Send(HttpContext context, string text, bool stay, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(text, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
        if (stay)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    [Fact]
    public async Task A_run_is_shown_with_its_log_lines_until_it_has_succeeded()
    {
        await using var gateway = await Gateway(
            ends: 0,
            outcome: null,
            Queued(1, "greet")
                + Event(
                    "task_succeeded",
                    Step(2, "task_succeeded", """{"task":"greet","attempt":1,"outputs":{"rows":"7"}}""")
                )
                + Finished(3, "Succeeded")
        );
        var run = await CommandLine.Run("runs", "watch", "--url", gateway.Url);
        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.StartsWith("newest (hello)\n", run.Out, StringComparison.Ordinal);
        foreach (
            var part in new[]
            {
                "greet: queued\n",
                "greet: success (rows=7)\n",
                "[greet] greet says 1\n",
                "run succeeded\n",
            }
        )
            Assert.Contains(part, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_run_fails_the_command()
    {
        await using var gateway = await Gateway(
            ends: 0,
            outcome: null,
            Event(
                "task_failed",
                Step(1, "task_failed", """{"task":"load","attempt":1,"reason":"exit","detail":"exit code 3"}""")
            ) + Finished(2, "Failed")
        );
        var run = await CommandLine.Run("runs", "watch", "r", "--url", gateway.Url);
        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Contains("load: failed: exit (exit code 3)\n", run.Out, StringComparison.Ordinal);
    }

    // ends when watching begins │ outcome then: the first end is history, the second has come or is to come
    [Theory]
    [InlineData(2, "Succeeded")]
    [InlineData(1, null)]
    public async Task A_run_that_was_opened_again_is_judged_by_its_latest_end(int ends, string? outcome)
    {
        await using var gateway = await Gateway(
            ends,
            outcome,
            Finished(2, "Failed") + Queued(3, "load", attempt: 2) + Finished(4, "Succeeded", end: 2)
        );
        var run = await CommandLine.Run("runs", "watch", "r", "--url", gateway.Url);
        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.Contains("load: queued (try 2)\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_person_does_is_said_and_a_note_after_the_end_is_not_waited_behind()
    {
        await using var gateway = await Gateway(
            ends: 1,
            outcome: "Failed",
            Event("run_stopped", Step(1, "run_stopped", """{"reason":"Cancelled","by":"anna","note":"wrong day"}"""))
                + Finished(2, "Failed")
                + Event("run_noted", Step(3, "run_noted", """{"by":"anna","note":"late"}"""))
        );
        var run = await CommandLine.Run("runs", "watch", "r", "--url", gateway.Url);
        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Contains("the run is cancelled by anna: wrong day\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_connection_is_made_again_and_nothing_is_shown_twice()
    {
        await using var gateway = await Gateway(
            ends: 0,
            outcome: null,
            Queued(1, "a", kind: "noop"),
            Queued(1, "a", kind: "noop") + Queued(2, "b", kind: "noop"),
            Queued(1, "a", kind: "noop") + Queued(2, "b", kind: "noop") + Finished(3, "Succeeded")
        );
        var run = await CommandLine.Run("runs", "watch", "r", "--url", gateway.Url);
        Assert.Equal(
            ["queued", "queued", "succeeded"],
            run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(x => x.Split(' ')[^1])
        );
    }
}
