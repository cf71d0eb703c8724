using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Messages;
using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Status;
using Nightshift.Testing;
using RabbitMQ.Client;

namespace Nightshift.Plumbing.Tests.Messages;

/// <summary>given up ── list ── retry | discard: what needs a person stays until a person has decided.</summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test publishes
public sealed class GivenUpTests
{
    const string Address = "/api/v2/messages/probe";

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_listed_also_after_a_restart_and_handled_when_it_is_retried()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("retry", Cancelled);
        Guid messageId;
        await using (var before = await ProbeHost.Start(infrastructure, Cancelled))
        {
            await Count(before, Tally.Unheard);
            messageId = Guid.Parse((await GivenUp(before)).Id.Split('~')[1]);
        }
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);

        var message = await GivenUp(host);
        Assert.Equal(
            ("message", "NumberCounted", "probe-number-counted", "-13 is not listened to"),
            (message.Kind, message.Type, message.Source, message.Reason)
        );
        Assert.Equal("""{"tallyId":"tally-t","number":-13}""", message.Excerpt);
        Assert.NotNull(message.At);
        Assert.False((await Status(host)).Ok);

        host.Get<MessageRecorder>().Refuse = false;
        Assert.Equal(1, (await Post<GivenUpResult>(host, $"{message.Id}/retry")).Count);
        await host.Heard("t", 1, Cancelled);
        Assert.Contains(host.Get<MessageRecorder>().Heard, x => x.Id == messageId);
        Assert.Equal(0, (await List(host)).Total);
        Assert.True((await Status(host)).Ok);
    }

    [Fact]
    public async Task All_are_discarded_at_once_and_nothing_else_is()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("discard", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await Count(host, Tally.Unheard);
        await GivenUp(host);

        Assert.Equal(HttpStatusCode.NotFound, await Code(host, "probe:probe-number-counted~none/discard"));
        Assert.Equal(HttpStatusCode.NotFound, await Code(host, "probe:event~7/discard"));
        Assert.Equal(HttpStatusCode.NotFound, await Code(host, "other:probe-number-counted~none/retry"));
        Assert.Equal(1, (await Post<GivenUpResult>(host, "discard")).Count);
        Assert.Equal(0, (await List(host)).Total);
    }

    [Fact]
    public async Task An_event_that_could_not_be_published_is_published_when_it_is_retried()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("event", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await Count(host, Unpublishable.Mapping);
        var e = await GivenUp(host);
        Assert.Equal(("event", "counted", "tally-t"), (e.Kind, e.Type, e.Source));
        Assert.Contains("This number has no words", e.Reason, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Conflict, await Code(host, $"{e.Id}/retry"));
        host.Get<MessageRecorder>().RefuseMapping = false;
        Assert.Equal(1, (await Post<GivenUpResult>(host, $"{e.Id}/retry")).Count);
        await host.Heard("t", 1, Cancelled);
        Assert.Equal(0, (await List(host)).Total);
    }

    // ── old ── of unknown time ── young ──
    [Fact]
    public async Task Old_ones_go_after_their_period_and_what_went_is_logged_and_recorded()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("givenupold", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        using var logged = new ListLogger();
        host.Get<ILoggerFactory>().AddProvider(logged);
        var now = TimeProvider.System.GetUtcNow();
        var kind = host.Get<RetentionSweep>().Kinds.Single(x => x.Name == "given-up messages");
        await Count(host, Tally.Unheard);
        await GivenUp(host);
        Assert.Equal(1, (await Post<GivenUpResult>(host, "discard")).Count); // its queue is there now
        var old = await GiveUp(host, now.AddDays(-31));
        await GiveUp(host, at: null);
        await GiveUp(host, now.AddDays(-29));

        Assert.Equal(1, await kind.CountExpired(now.AddDays(-30), Cancelled));
        Assert.Equal(3, (await List(host)).Total);
        Assert.Equal(1, await kind.RemoveExpired(now.AddDays(-30), Cancelled));
        Assert.Equal(0, await kind.RemoveExpired(now.AddDays(-30), Cancelled));

        Assert.Equal(2, (await List(host)).Total);
        Assert.Contains(
            logged.Lines,
            x =>
                x.StartsWith(
                    $"Discarding probe:{Queue}~{old}, a NumberCounted of {Queue} that was",
                    StringComparison.Ordinal
                ) && x.EndsWith(": it was refused", StringComparison.Ordinal)
        );
        var shown = await host.Read<RetainedKindBody[]>("/api/v2/retention/probe", Cancelled);
        Assert.Equal(1, shown.Single(x => x.Kind == "given-up messages").Removed);
    }

    [Fact]
    public async Task An_old_event_that_could_not_be_published_leaves_the_list_and_stays_in_its_stream()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("eventold", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await Count(host, Unpublishable.Mapping);
        await GivenUp(host);
        var kind = host.Get<RetentionSweep>().Kinds.Single(x => x.Name == "given-up messages");
        var now = TimeProvider.System.GetUtcNow();

        Assert.Equal(0, await kind.RemoveExpired(now.AddDays(-1), Cancelled));
        Assert.Equal(1, await kind.CountExpired(now.AddDays(1), Cancelled));
        Assert.Equal(1, await kind.RemoveExpired(now.AddDays(1), Cancelled));
        Assert.Equal(0, (await List(host)).Total);
        Assert.Equal(1, (await host.Tallies.Load("t", Cancelled)).Version);
    }

    static async Task<Guid> GiveUp(RunningService host, DateTimeOffset? at)
    {
        var id = Guid.NewGuid();
        var headers = new Dictionary<string, object?> { ["MT-Fault-Message"] = "it was refused" };
        if (at is not null)
            headers["MT-Fault-Timestamp"] = $"{at:O}";
        await using var channel = await host.Get<BrokerConnection>().Open(confirms: true, Cancelled);
        await channel.BasicPublishAsync(
            exchange: "",
            $"{Queue}_error",
            mandatory: true,
            new BasicProperties { MessageId = $"{id}", Headers = headers },
            "{\"messageType\":[\"urn:message:Nightshift.Plumbing.Probe:NumberCounted\"],\"message\":{}}"u8.ToArray(),
            Cancelled
        );
        return id;
    }

    const string Queue = "probe-number-counted";

    static Task Count(RunningService host, int number) =>
        host.Tallies.Transact("t", _ => [new Counted(number, DateTimeOffset.UnixEpoch)], Cancelled);

    static Task<GivenUpMessage> GivenUp(RunningService host) =>
        Eventually.Get(
            async token => (await host.Read<GivenUpList>(Address, token)).Messages is [var first, ..] ? first : null,
            "something to be given up",
            Cancelled
        );

    static Task<GivenUpList> List(RunningService host) => host.Read<GivenUpList>(Address, Cancelled);

    static Task<ServiceStatus> Status(RunningService host) => host.Read<ServiceStatus>("/internal/status", Cancelled);

    static async Task<HttpStatusCode> Code(RunningService host, string action)
    {
        using var answer = await host.Http.PostAsync($"{Address}/{action}", content: null, Cancelled);
        return answer.StatusCode;
    }

    static async Task<T> Post<T>(RunningService host, string action)
    {
        using var answer = await host.Http.PostAsync($"{Address}/{action}", content: null, Cancelled);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<T>(Cancelled))!;
    }
}
