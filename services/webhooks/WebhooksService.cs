using JasperFx.Events.Projections;
using Nightshift.Contracts;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Status;
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
        service.AddStream(Delivery.Stream).AddTimers<HeldDeliveries>().AddBackground<AskForTriggers>();
        service.Tell.Publish<DeliveryReceived>(e => new Contracts.DeliveryReceived(e.Data.DeliveryId));
        service.Tell.On<DeliveryMatched>(e =>
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
        service.Store(x =>
        {
            x.Storage.ExtendedSchemaObjects.Add(DeliveryBodies.Schema());
            x.Schema.For<DagTriggers>().UseNumericRevisions(true);
            x.Schema.For<DeliveryRow>().Duplicate(y => y.ReceivedAt, configure: y => y.IsUnique = false);
            x.Projections.Add(new DeliveryRowProjection(), ProjectionLifecycle.Inline);
        });
        service.Services.AddOptions<WebhookOptions>().BindConfiguration("Nightshift:Webhooks");
        service
            .Services.AddSingleton<WebhookSecrets>()
            .AddSingleton<DeliveryReceiver>()
            .AddSingleton<DeliveryBodies>()
            .AddSingleton<PayloadShape>()
            .AddSingleton<DeliveryJudge>()
            .AddSingleton<IStatusReport, WebhooksStatus>();

        var app = service.Build();
        app.MapGitHub();
        app.MapDeliveries();
        return app;
    }
}
