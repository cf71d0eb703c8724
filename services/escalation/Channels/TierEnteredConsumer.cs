using MassTransit;
using Nightshift.Escalation.Incidents;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Escalation.Channels;

/// <summary>
/// Tells the channels of a tier that has begun, and records each outcome before the next. Safe to deliver twice, late
/// or out of order: a channel recorded as told is not told again, and nobody is told about an incident that has been
/// taken on meanwhile.
/// </summary>
public sealed class TierEnteredConsumer(
    StreamStore<Incident> incidents,
    IEnumerable<IChannel> channels,
    TimeProvider clock
) : IConsumer<Contracts.TierEntered>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<Contracts.TierEntered> context)
    {
        var (id, epoch, tier) = (context.Message.IncidentId, context.Message.Epoch, context.Message.Tier);
        var (incident, _) = await incidents.Load(id, context.CancellationToken);
        if (incident.Epoch != epoch || tier > incident.Tier)
            return;
        foreach (
            var channel in incident
                .Tiers[tier - 1]
                .Channels.Where(x => !incident.Told.ContainsKey(Incident.Key(tier, x)))
        )
        {
            if (incident.State is not IncidentState.Open || incident.Epoch != epoch)
                return;
            var failure = await Notify(channel, NoticeOf(incident, id, tier), context.CancellationToken);
            var record = new RecordNotification(epoch, tier, channel, failure, clock.GetUtcNow());
            incident = (
                await incidents.Transact(id, x => IncidentDecider.Decide(x, record), context.CancellationToken)
            ).State;
        }
    }

    Task<string?> Notify(string channel, Notice notice, CancellationToken cancellationToken) =>
        channels.LastOrDefault(x => x.Name == channel)?.Notify(notice, cancellationToken)
        ?? Task.FromResult<string?>($"there is no channel '{channel}' any more");

    static Notice NoticeOf(Incident x, string id, int tier) =>
        new(id, x.Epoch, tier, x.Tiers.Count, x.Summary, x.Why, x.CaseId, x.Failures, x.RaisedAt);
}

/// <summary>
/// One message about an incident at a time, so that a repeat sees what the first one recorded; different incidents do
/// not wait for each other.
/// </summary>
public sealed class TierEnteredConsumerDefinition : ConsumerDefinition<TierEnteredConsumer>
{
    const int Lanes = 16;

    /// <inheritdoc/>
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<TierEnteredConsumer> consumerConfigurator,
        IRegistrationContext context
    )
    {
        var lanes = endpointConfigurator.CreatePartitioner(Lanes);
        consumerConfigurator.Message<Contracts.TierEntered>(x =>
            x.UsePartitioner(lanes, m => m.Message.IncidentId, System.Text.Encoding.UTF8)
        );
    }
}
