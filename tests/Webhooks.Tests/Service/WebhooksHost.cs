using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Replay;
using Nightshift.Testing;
using Nightshift.Webhooks.Deliveries;
using Nightshift.Webhooks.Matching;
using Nightshift.Webhooks.Receiving;
using Npgsql;

namespace Nightshift.Webhooks.Tests.Service;

/// <summary>
/// The service on real PostgreSQL and RabbitMQ, with the scheduler's queues in the test's hands. One for all tests of
/// the collection.
/// </summary>
public sealed class WebhooksHost : IAsyncLifetime
{
    public const string Secret = "It's a Secret to Everybody";

    RunningService? service;
    InterruptibleProxy? database;
    SchedulerEnd? scheduler;
    TestInfrastructure? infrastructure;

    internal HttpClient Http => service!.Http;

    internal ListLogger Logged { get; } = new();

    internal InterruptibleProxy Database => database!;

    internal SchedulerEnd Scheduler => scheduler!;

    internal TestInfrastructure TestInfrastructure => infrastructure!;

    /// <summary>A push delivered when no DAG was known yet, as it was judged when one became known.</summary>
    internal (Guid Id, Delivery Judged) Early { get; private set; }

    internal RunningService Service => service!;

    internal T Get<T>()
        where T : notnull => service!.Get<T>();

    public async ValueTask InitializeAsync()
    {
        infrastructure = await TestInfrastructure.Prepare("webhooks", CancellationToken.None);
        await infrastructure.Secret(WebhookSecrets.Current, Secret);
        database = new InterruptibleProxy(infrastructure.Postgres.Host!, infrastructure.Postgres.Port);
        database.Start();
        scheduler = new SchedulerEnd(infrastructure);
        await scheduler.Start("webhooks-delivery-received", "webhooks-dag-triggers-changed");

        var throughProxy = new NpgsqlConnectionStringBuilder(infrastructure.Postgres.ConnectionString)
        {
            Host = "127.0.0.1",
            Port = database.Port,
            Password = null,
        };
        var app = await WebhooksService.Build(
            infrastructure.Arguments($"--Nightshift:Postgres={throughProxy}", "--Logging:Console:LogLevel:Default=None")
        );
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(Logged);
        service = await RunningService.Start(app, Role.Viewer, CancellationToken.None);

        var early = Guid.NewGuid();
        await Deliver(
            "push",
            """{"ref":"refs/heads/main","repository":{"full_name":"acme/early"}}"""u8.ToArray(),
            early
        );
        await First(early, x => x is { HeldUntil: not null });
        await Know(new("early", 1, new Contracts.PushTrigger(["acme/early"], [], [])));
        Early = (early, await Judged(early)); // read now: a test of retention removes it
    }

    public async ValueTask DisposeAsync()
    {
        if (service is not null)
            await service.DisposeAsync();
        if (scheduler is not null)
            await scheduler.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
        infrastructure?.Dispose();
    }

    /// <summary>Delivers as GitHub would.</summary>
    internal Task<HttpResponseMessage> Deliver(
        string name,
        byte[] body,
        Guid? id = null,
        string contentType = "application/json",
        string secret = Secret,
        Action<HttpRequestMessage>? change = null
    )
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/github")
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        request.Headers.Add("X-GitHub-Event", name);
        request.Headers.Add("X-GitHub-Delivery", (id ?? Guid.NewGuid()).ToString());
        request.Headers.Add(
            Signature.Header,
            $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}"
        );
        change?.Invoke(request);
        return Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until a delivery is judged.</summary>
    internal Task<Delivery> Judged(Guid id) =>
        First(id, x => x.Status is DeliveryStatus.Matched or DeliveryStatus.Ignored);

    async Task<Delivery> First(Guid id, Predicate<Delivery> wanted)
    {
        var key = (await Get<DeliveryFinder>().Find(id.ToString(), TestContext.Current.CancellationToken)).Id;
        await foreach (var step in Get<StreamReplay>().Follow($"delivery-{key}", TestContext.Current.CancellationToken))
            if (step.After is Delivery delivery && wanted(delivery))
                return delivery;
        throw new InvalidOperationException("The stream ended");
    }

    /// <summary>Announces one DAG's triggers and waits until they are known.</summary>
    internal async Task Know(Contracts.DagTriggersChanged triggers)
    {
        await Scheduler.Announce(triggers);
        while (await Triggers(triggers.DagId) is not { } known || known.Version < triggers.Revision)
            await Task.Yield();
    }

    internal async Task<DagTriggers?> Triggers(string dagId)
    {
        await using var session = Get<Marten.IDocumentStore>().QuerySession();
        return await session.LoadAsync<DagTriggers>(dagId, TestContext.Current.CancellationToken);
    }
}

/// <summary>Tests of the running service come one after another: they share its queues.</summary>
[CollectionDefinition(Name)]
public sealed class ServiceTests : ICollectionFixture<WebhooksHost>
{
    public const string Name = "service";
}
