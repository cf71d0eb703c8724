using Nightshift.Cli.Client;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Events;

public sealed class EventCommandTests
{
    const string Entry = """
        {"event_log_id":7,"event":"dag_paused","owner":"a\u001b[2Jnn","dag_id":"etl","extra":"{\"failedRuns\":3}"}
        """;

    [Fact]
    public async Task What_was_done_is_listed_with_who_did_it()
    {
        await using var gateway = await FakeGateway.Answering(200, $$"""{"event_logs":[{{Entry}}]}""");
        Assert.Equal(
            """
            ID  WHEN  EVENT       WHO     DAG  RUN  TASK  DETAILS
            7         dag_paused  a[2Jnn  etl             {"failedRuns":3}

            """,
            (await CommandLine.Run("events", "list", "--url", gateway.Url)).Out
        );
    }

    [Fact]
    public async Task One_entry_is_shown()
    {
        await using var gateway = await FakeGateway.Answering(200, Entry);
        Assert.Equal(
            """
            Event:    dag_paused
            Who:      a[2Jnn
            DAG:      etl
            Details:  {"failedRuns":3}

            """,
            (await CommandLine.Run("events", "show", "7", "--url", gateway.Url)).Out
        );
    }

    [Fact]
    public async Task One_that_is_not_there_is_said_to_be_missing()
    {
        await using var gateway = await FakeGateway.Answering(404, """{"detail":"The event log has no entry 7"}""");
        var run = await CommandLine.Run("events", "show", "7", "--url", gateway.Url);
        Assert.Equal((ExitCodes.Failed, "The event log has no entry 7\n"), (run.ExitCode, run.Error));
    }
}
