using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Status;
using Nightshift.Testing;

namespace Nightshift.Plumbing.Tests;

/// <summary>What a person is told of a service that cannot help itself.</summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test publishes
public sealed class ServiceProblemsTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_in_the_error_queue_shows_in_the_status_and_the_metrics()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("trouble", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await Eventually.Is(
            async token => await host.Read<ServiceStatus>("/internal/status", token) is { State: "Counting", Ok: true },
            "the service to be well",
            Cancelled
        );

        await host.Tallies.Transact("t", x => Tally.Count(x, Tally.Unheard, DateTimeOffset.UnixEpoch), Cancelled);
        await Eventually.Is(
            async token => !(await host.Read<ServiceStatus>("/internal/status", token)).Ok,
            "the status to ask for a person",
            Cancelled
        );

        var after = await host.Read<ServiceStatus>("/internal/status", Cancelled);
        // more than one when it was published twice, as a slow broker makes happen
        Assert.Matches("^Gave up on \\d+ messages?; 'nightshift messages' shows them$", after.State);
        Assert.Matches(
            "nightshift_messages_given_up_total{[^}]*message=\"NumberCounted\",queue=\"probe-number-counted\"[^}]*} [1-9]",
            await host.Http.GetStringAsync("/metrics", Cancelled)
        );
    }

    [Theory]
    [InlineData(60, 0, null)]
    [InlineData(61, 0, "Behind (61 s)")]
    [InlineData(0, 2, "Gave up on 2 messages; 'nightshift messages' shows them")]
    [InlineData(0, null, "RabbitMQ does not answer")]
    [InlineData(75, 2, "Behind (75 s)")]
    public void The_more_urgent_trouble_is_named(int behindSeconds, int? messages, string? words) =>
        Assert.Equal(words, ServiceProblems.Words(TimeSpan.FromSeconds(behindSeconds), messages));
}
