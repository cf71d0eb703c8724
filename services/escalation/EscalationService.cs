using JasperFx.Events;
using JasperFx.Events.Projections;
using MassTransit;
using Nightshift.Escalation.Channels;
using Nightshift.Escalation.Incidents;
using Nightshift.Escalation.Tiers;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Status;

namespace Nightshift.Escalation;

/// <summary>Puts escalation together.</summary>
public static class EscalationService
{
    /// <summary>Builds it, ready to run.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="name">Database schema and prefix of its queues; another name makes another, separate
    /// escalation.</param>
    /// <param name="configure">Further registrations; later ones win.</param>
    public static async Task<WebApplication> Build(
        string[] args,
        string name = "escalation",
        Action<IServiceCollection>? configure = null
    )
    {
        var service = await NightshiftService.Create(name, args);
        service
            .Services.AddOptions<EscalationOptions>()
            .BindConfiguration("Escalation")
            .ValidateDataAnnotations()
            .ValidateOnStart();
        service.Services.AddSingleton<IStatusReport, IncidentStatus>();
        service
            .Services.AddSingleton<IChannel, LogChannel>()
            .AddSingleton<IChannel, StatusChannel>()
            .AddSingleton<IChannel, CommandChannel>();
        service
            .AddStream(IncidentStream.Definition)
            .AddTimers<IncidentTimers>()
            .Store(x =>
            {
                x.Projections.Add<IncidentRowProjection>(ProjectionLifecycle.Inline);
                x.AddList<IncidentRow>(
                    [nameof(IncidentRow.UpdatedAt), nameof(IncidentRow.State)],
                    ["updated_at"],
                    ["state", "updated_at"]
                );
            });
        service.Retain(
            new(
                "incidents",
                IncidentStream.Prefix,
                new("Incidents", TimeSpan.FromDays(180)),
                [typeof(Resolved)],
                new StreamRows("mt_doc_incidentrow", "id")
            )
        );
        service.Bus(x =>
        {
            x.AddConsumer<HealingFailedConsumer>();
            x.AddConsumer<HealingVerifiedConsumer>();
            x.AddConsumer<TierEnteredConsumer, TierEnteredConsumerDefinition>();
        });
        service.Outgoing.Publish<TierEntered>(e => new Contracts.TierEntered(IdOf(e), e.Data.Epoch, e.Data.Tier));
        service
            .Actions.On<TierEntered>(e => $"Incident {IdOf(e)} entered tier {e.Data.Tier}")
            .On<Acknowledged>(e => $"Incident {IdOf(e)} acknowledged by {e.Data.By}")
            .On<Resolved>(e => $"Incident {IdOf(e)} resolved by {e.Data.By}");
        configure?.Invoke(service.Services);
        var app = service.Build();
        app.MapIncidents();
        return app;
    }

    static string IdOf(IEvent e) => (e.StreamKey ?? "")[IncidentStream.Prefix.Length..];
}
