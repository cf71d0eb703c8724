using System.Text.Json;
using Nightshift.Plumbing.Probe;

namespace Nightshift.Plumbing.Tests;

/// <summary>request ──► commit ──► relay ──► consumer: one trace, and the ids of the message in every line.</summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test publishes
public sealed class LogTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_line_written_while_a_message_is_handled_has_its_ids_and_the_trace_it_began_with()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("log", Cancelled);
        using var probe = await ProbeProcess.Start(infrastructure, DeathAt.Never, Cancelled);
        await probe.Count("t", 7, Cancelled, trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        var line = await probe.Logged(1, "StreamStore", Cancelled);

        Assert.Equal("Heard 7 of tally-t", line.GetProperty("Message").GetString());
        Assert.Equal("tally-t", InScope(line, "TallyId"));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", InScope(line, "TraceId"));
    }

    [Fact]
    public async Task A_message_that_is_given_up_is_logged_with_its_type_its_queue_and_why()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("givenup", Cancelled);
        using var probe = await ProbeProcess.Start(infrastructure, DeathAt.Never, Cancelled);
        await probe.Count("t", Tally.Unheard, Cancelled);

        var line = await probe.Logged(10, "ErrorQueueFilter", Cancelled);

        Assert.Equal("Error", line.GetProperty("LogLevel").GetString());
        Assert.Equal(
            "NumberCounted from probe-number-counted could not be handled and lies in probe-number-counted_error: -13 is not listened to",
            line.GetProperty("Message").GetString()
        );
    }

    static string? InScope(JsonElement line, string name) =>
        line.GetProperty("Scopes")
            .EnumerateArray()
            .Select(x => x.TryGetProperty(name, out var value) ? value.GetString() : null)
            .LastOrDefault(x => x is not null);
}
