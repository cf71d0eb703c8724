using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Partitions;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Streams;
using Nightshift.Testing;
using Nightshift.Webhooks.Bodies;
using Nightshift.Webhooks.Deliveries;
using Nightshift.Webhooks.Receiving;
using Npgsql;
using DeliveryReceived = Nightshift.Webhooks.Deliveries.DeliveryReceived;

namespace Nightshift.Webhooks.Tests.Service;

/// <summary>Bodies lie in the partition of the week they were received in, and go with it.</summary>
[Collection(ServiceTests.Name)]
public sealed class BodyRetentionTests(WebhooksHost host)
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    NpgsqlDataSource Database => host.Get<NpgsqlDataSource>();

    [Fact]
    public async Task An_old_delivery_finds_its_body_loses_it_with_its_week_and_goes_later()
    {
        var receivedAt = TimeProvider.System.GetUtcNow().AddDays(-100);
        var table = host.Get<WeeklyTable>();
        var week = table.WeekOf(receivedAt);
        var partition = $"{table.QualifiedName}_{table.Partitions.Policy.SuffixFor(week)}";
        await Execute(
            $"create table {partition} partition of {table.QualifiedName} for values "
                + $"from ('{week:yyyy-MM-dd} 00:00Z') to ('{week.AddDays(7):yyyy-MM-dd} 00:00Z')"
        );
        var id = await Receive(receivedAt);
        await host.Judged(id);
        Assert.Equal(
            partition,
            await Scalar($"select tableoid::regclass::text from {table.QualifiedName} where delivery_id like '%{id}'")
        );
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await Answers(id));
        var kinds = host.Get<RetentionSweep>().Kinds.ToDictionary(x => x.Name);
        var bodies = kinds["delivery bodies"];

        // one that waits to be judged keeps its body, and with it the week
        await SetStatus(id, DeliveryStatus.Received);
        Assert.Equal(0, await bodies.CountExpired(week.AddDays(7), Cancelled));
        Assert.Equal(0, await bodies.RemoveExpired(week.AddDays(7), Cancelled));
        await SetStatus(id, DeliveryStatus.Ignored);

        Assert.Equal(0, await bodies.RemoveExpired(week.AddDays(7).AddSeconds(-1), Cancelled));
        Assert.Equal(("weeks", 1), (bodies.Unit, await bodies.CountExpired(week.AddDays(7), Cancelled)));
        Assert.Equal(1, await bodies.RemoveExpired(week.AddDays(7), Cancelled));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), await Answers(id));

        await kinds["deliveries"].RemoveExpired(TimeProvider.System.GetUtcNow().AddDays(1), Cancelled);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), await Answers(id));
    }

    [Fact]
    public async Task Bodies_of_a_database_without_partitions_are_moved_into_them()
    {
        using var infrastructure = await TestInfrastructure.Prepare("bodymigration", Cancelled);
        await infrastructure.Secret(WebhookSecrets.Current, WebhooksHost.Secret);
        await using (await Start(infrastructure)) { }
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using (
            var old = database.CreateCommand(
                """
                drop table webhooks.delivery_body;
                create table webhooks.delivery_body (delivery_id varchar not null, body bytea not null,
                  constraint pkey_delivery_body_delivery_id primary key (delivery_id));
                insert into webhooks.delivery_body values ('1.a', 'one'), ('1.b', 'two')
                """
            )
        )
            await old.ExecuteNonQueryAsync(Cancelled);

        for (var start = 0; start < 2; start++) // a migration is repeated at each start
            await using (var service = await Start(infrastructure))
            {
                var bodies = service.Get<DeliveryBodies>();
                using var copy = new MemoryStream();
                Assert.True(await bodies.CopyTo("1.b", TimeProvider.System.GetUtcNow(), copy, Cancelled));
                Assert.Equal("two"u8.ToArray(), copy.ToArray());
            }
        await using var left = database.CreateCommand(
            "select to_regclass('webhooks.delivery_body_unpartitioned') is null"
        );
        Assert.Equal(true, await left.ExecuteScalarAsync(Cancelled));
    }

    static async Task<RunningService> Start(TestInfrastructure infrastructure) =>
        await RunningService.Start(
            await WebhooksService.Build(
                infrastructure.Arguments("--Logging:Console:LogLevel:Default=None", "--Nightshift:Installation=bodies")
            ),
            Role.Viewer,
            Cancelled
        );

    // as received then: its event and its body in one transaction
    async Task<Guid> Receive(DateTimeOffset at)
    {
        var body = """{"action":"opened","repository":{"full_name":"acme/old"}}"""u8.ToArray();
        var received = new DeliveryReceived(
            Guid.NewGuid().ToString(),
            "issues",
            "opened",
            "acme/old",
            Ref: null,
            Sender: null,
            "application/json",
            ImmutableSortedDictionary<string, string>.Empty,
            Convert.ToHexStringLower(SHA256.HashData(body)),
            body.Length,
            at
        );
        var key = DeliveryKey.Of(received);
        await host.Get<StreamStore<Delivery>>()
            .Transact(
                key,
                x => DeliveryDecider.Decide(x, new ReceiveDelivery(received)),
                Cancelled,
                () => [host.Get<DeliveryBodies>().Row(key, at, body)]
            );
        return Guid.Parse(received.DeliveryId);
    }

    async Task<(HttpStatusCode Delivery, HttpStatusCode Body)> Answers(Guid id) =>
        (
            (await host.Http.GetAsync($"/api/v2/deliveries/{id}", Cancelled)).StatusCode,
            (await host.Http.GetAsync($"/api/v2/deliveries/{id}/body", Cancelled)).StatusCode
        );

    Task SetStatus(Guid id, DeliveryStatus status) =>
        Execute($"update webhooks.mt_doc_deliveryrow set status = '{status}' where id like '%{id}'");

    async Task Execute(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    async Task<object?> Scalar(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
