using JasperFx.Events.Projections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Nightshift.Contracts;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Partitions;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Status;
using Nightshift.Webhooks.Bodies;
using Nightshift.Webhooks.Deliveries;
using Nightshift.Webhooks.Matching;
using Nightshift.Webhooks.Receiving;
using DeliveryReceived = Nightshift.Webhooks.Deliveries.DeliveryReceived;

namespace Nightshift.Webhooks;

/// <summary>The webhooks service: takes what GitHub delivers and starts the DAGs that ask for it.</summary>
public static class WebhooksService
{
    const string TriggerQueue = "scheduler-trigger-run";

    /// <summary>Wires it up.</summary>
    public static async Task<WebApplication> Build(string[] args)
    {
        var service = await NightshiftService.Create("webhooks", args);
        service
            .AddStream(Delivery.Stream)
            .AddTimers<HeldDeliveries>()
            .AddBackground<AskForTriggers>()
            .AddBackground(x => x.GetRequiredService<BodyHashes>())
            .AddBackground(x => x.GetRequiredService<RefusalLog>());
        service.Outgoing.Publish<DeliveryReceived>(e => new Contracts.DeliveryReceived(
            DeliveryKey.OfStream(e.StreamKey!)
        ));
        service.Outgoing.On<DeliveryMatched>(e =>
            e.Data.Runs.Select(x => new Outgoing(
                new TriggerRun(x.RunId, x.DagId, x.Cause, x.Trigger, e.Data.At),
                TriggerQueue
            ))
        );
        service.Actions.On<DeliveryMatched>(_ => "GitHub push processed");
        service.Bus(x =>
        {
            x.AddConsumer<DeliveryReceivedConsumer>();
            x.AddConsumer<DagTriggersChangedConsumer>();
        });
        var bodies = DeliveryBodies.Weeks(TimeProvider.System);
        service.Store(x =>
        {
            x.Storage.ExtendedSchemaObjects.Add(DeliveryBodies.Schema(bodies));
            x.Storage.ExtendedSchemaObjects.Add(BodyHashes.Schema());
            x.Schema.For<DagTriggers>().UseNumericRevisions(true);
            x.Schema.For<DeliveryRow>().Index(y => y.DeliveryId);
            x.AddList<DeliveryRow>(
                [nameof(DeliveryRow.ReceivedAt), nameof(DeliveryRow.Status), nameof(DeliveryRow.Repository)],
                ["received_at"],
                ["status", "received_at"],
                ["repository", "received_at"]
            );
            x.Projections.Add(new DeliveryRowProjection(), ProjectionLifecycle.Inline);
        });
        service.Services.AddSingleton(DeliveryBodies.Migration);
        AddRetention(service, bodies);
        service
            .Services.AddOptions<WebhookOptions>()
            .BindConfiguration("Nightshift:Webhooks")
            .ValidateDataAnnotations()
            .ValidateOnStart();
        service
            .Services.AddSingleton<WebhookSecrets>()
            .AddSingleton<BodyMemory>()
            .AddSingleton<BodyHashes>()
            .AddSingleton<DeliveryBodies>()
            .AddSingleton<WrongSignatures>()
            .AddSingleton<RefusalLog>()
            .AddSingleton<DeliveryIntake>()
            .AddSingleton<DeliveryReceiver>()
            .AddSingleton<DeliveryFinder>()
            .AddSingleton<PayloadShape>()
            .AddSingleton<DeliveryJudge>()
            .AddSingleton<IStatusReport, WebhooksStatus>();
        // A request's body waits in Kestrel's buffer until it is read; within the budget, not beside it.
        service.Services.Configure<KestrelServerOptions>(x =>
            (x.AddServerHeader, x.Limits.MaxRequestBufferSize) = (false, 64 * 1024)
        );

        var app = service.Build();
        app.MapGitHub();
        app.MapDeliveries();
        return app;
    }

    // A delivery that is not judged yet keeps its body: judging reads it.
    static void AddRetention(NightshiftService service, WeeklyTable bodies)
    {
        var prefix = Delivery.Stream.Prefix;
        service.Retain(
            "delivery bodies",
            bodies,
            new("DeliveryBodies", TimeSpan.FromDays(30)),
            keptWhile: $"""
            part.delivery_id in (select substr(id, {prefix.Length + 1}) from webhooks.mt_doc_deliveryrow
                                 where status = '{DeliveryStatus.Received}')
            """
        );
        service.Retain(
            new(
                "deliveries",
                prefix,
                new("Deliveries", TimeSpan.FromDays(90)),
                [typeof(DeliveryMatched), typeof(DeliveryIgnored)],
                new StreamRows("delivery_body", "delivery_id", WithPrefix: false),
                new StreamRows("mt_doc_deliveryrow", "id")
            )
        );
    }
}
