using System.Globalization;
using Nightshift.Cli.Client;
using Nightshift.Cli.Replay;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Replay;

public sealed class ReplayTests
{
    const string Steps = """
        [{"version":1,"type":"run_queued","recordedAt":"2026-01-31T09:00:00.123Z","data":{"dagId":"hello","at":"2026-01-31T09:00:00Z"},"before":{"dag":null,"tasks":{}},"after":{"dag":"hello","tasks":{"a":{"state":"None"}}}},
         {"version":2,"type":"task_queued","recordedAt":"2026-01-31T09:00:01Z","data":{"task":"a","work":{"env":"LONG"}},"before":{"dag":"hello","tasks":{"a":{"state":"None"}}},"after":{"dag":"hello","tasks":{"a":{"state":"Queued"}}}}]
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
                + tasks.a: {"state":"None"}

            #2  {{Local("2026-01-31T09:00:01Z", "yyyy-MM-dd HH:mm:ss.fff zzz")}}  task_queued
                task: "a"
                work: {"env":"{{new string('x', 151)}}…
              state:
                ~ tasks.a.state: "None" -> "Queued"

            """,
            run.Out
        );
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
