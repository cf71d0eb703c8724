using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Nightshift.Cli.Client;
using Nightshift.Cli.Replay;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Replay;

public sealed class ReplayTests
{
    const string Steps = """
        {"version":1,"type":"run_queued","recordedAt":"2026-01-31T09:00:00.123Z","data":{"dagId":"hello","at":"2026-01-31T09:00:00Z"},"changes":[{"path":"/dag","before":null,"after":"hello"},{"path":"/tasks/a","after":{"state":"None","uses":[1,2]}}]}
        {"version":2,"type":"task_queued","recordedAt":"2026-01-31T09:00:01Z","data":{"task":"a","work":{"env":"LONG"}},"changes":[{"path":"/tasks/a/state","before":"None","after":"Queued"},{"path":"/tasks/a/uses/1","before":2}]}

        """;

    static string Local(string instant, string format) =>
        DateTimeOffset
            .Parse(instant, CultureInfo.InvariantCulture)
            .ToLocalTime()
            .ToString(format, CultureInfo.InvariantCulture);

    [Fact]
    public async Task Every_event_is_printed_with_what_it_changed()
    {
        await using var gateway = await FakeGateway.Answering(
            200,
            Steps.Replace("LONG", new string('x', 300), StringComparison.Ordinal)
        );
        var run = await CommandLine.Run("replay", "run", "r1", "--url", gateway.Url);
        Assert.Equal(
            $$"""
            #1  {{Local("2026-01-31T09:00:00.123Z", "yyyy-MM-dd HH:mm:ss.fff zzz")}}  run_queued
                dagId: "hello"
                at: "2026-01-31T09:00:00Z"
              state:
                ~ dag: null -> "hello"
                + tasks.a: {"state":"None","uses":[1,2]}

            #2  {{Local("2026-01-31T09:00:01Z", "yyyy-MM-dd HH:mm:ss.fff zzz")}}  task_queued
                task: "a"
                work: {"env":"{{new string('x', 151)}}…
              state:
                ~ tasks.a.state: "None" -> "Queued"
                - tasks.a.uses.1: 2

            """,
            run.Out
        );
    }

    [Fact]
    public async Task The_whole_states_are_made_from_the_first_one_and_what_changed()
    {
        await using var gateway = await FakeGateway.Start(x =>
        {
            Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapGet(
                x,
                "/api/v2/streams/{id}/state",
                () => new { version = 0, state = new { dag = (string?)null, tasks = new { } } }
            );
            Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapGet(x, "/api/v2/streams/{id}", () => Steps);
        });

        var run = await CommandLine.Run("replay", "run", "r1", "--full", "--json", "--url", gateway.Url);

        using var steps = JsonDocument.Parse(run.Out);
        Assert.Equal(
            [
                """{"dag":null,"tasks":{}}""",
                """{"dag":"hello","tasks":{"a":{"state":"None","uses":[1,2]}}}""",
                """{"dag":"hello","tasks":{"a":{"state":"Queued","uses":[1]}}}""",
            ],
            [
                steps.RootElement[0].GetProperty("before").Compact(),
                steps.RootElement[1].GetProperty("before").Compact(),
                steps.RootElement[1].GetProperty("after").Compact(),
            ]
        );
        Assert.Contains(
            "  after:\n    {\n      \"dag\": \"hello\"",
            (await CommandLine.Run("replay", "run", "r1", "--full", "--url", gateway.Url)).Out,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_replay_that_breaks_off_says_so()
    {
        await using var gateway = await FakeGateway.Start(x =>
            Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapGet(
                x,
                "/api/v2/streams/{id}",
                async context =>
                {
                    await context.Response.WriteAsync(Steps);
                    await context.Response.Body.FlushAsync();
                    context.Abort();
                }
            )
        );

        var run = await CommandLine.Run("replay", "run", "r1", "--url", gateway.Url);

        Assert.Equal(ExitCodes.Unreachable, run.ExitCode);
        Assert.NotEmpty(run.Error); // which sentence depends on how much of it has arrived
    }

    [Fact]
    public async Task The_state_at_a_version_is_asked_for_by_that_version()
    {
        await using var gateway = await FakeGateway.Start(x =>
            Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapGet(
                x,
                "/api/v2/streams/{id}/state",
                (string id, string at) =>
                    new
                    {
                        streamId = id,
                        version = 3,
                        recordedAt = "2026-01-31T09:00:00Z",
                        state = new { id, at },
                    }
            )
        );
        var run = await CommandLine.Run("replay", "container", "web", "--at", "3", "--url", gateway.Url);
        Assert.Equal(
            (
                ExitCodes.Ok,
                $"State at version 3, recorded {Local("2026-01-31T09:00:00Z", "yyyy-MM-dd HH:mm:ss zzz")}:\n{{\n  \"id\": \"container-web\",\n  \"at\": \"3\"\n}}\n"
            ),
            (run.ExitCode, run.Out)
        );
    }

    [Theory]
    [InlineData("run", "manual__a__1", "run-manual__a__1")]
    [InlineData("run", "run-manual__a__1", "run-manual__a__1")]
    [InlineData("case", "container.web", "case-container.web")]
    public void An_id_may_be_given_as_lists_show_it_or_as_the_stream_is_called(string kind, string id, string stream) =>
        Assert.Equal(stream, ReplayCommand.StreamOf(kind, id));
}
