using MassTransit;
using Microsoft.Extensions.Options;
using Nightshift.Contracts;
using Nightshift.Escalation.Tiers;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Escalation.Incidents;

/// <summary>Healing gave up. Safe to deliver twice, late or out of order.</summary>
public sealed class HealingFailedConsumer(
    StreamStore<Incident> incidents,
    IOptionsMonitor<EscalationOptions> options,
    TimeProvider clock
) : IConsumer<HealingFailed>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<HealingFailed> context)
    {
        var m = context.Message;
        var raise = new Raise(
            m.Target,
            m.CauseId,
            m.Summary,
            m.Why,
            m.CaseId,
            m.At,
            options.CurrentValue.Effective,
            clock.GetUtcNow(),
            m.RunId,
            m.Tasks
        );
        return incidents.Transact(m.Target, x => IncidentDecider.Decide(x, raise), context.CancellationToken);
    }
}

/// <summary>Healing saw it work. Safe to deliver twice, late or out of order.</summary>
public sealed class HealingVerifiedConsumer(StreamStore<Incident> incidents, TimeProvider clock)
    : IConsumer<HealingVerified>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<HealingVerified> context)
    {
        var m = context.Message;
        var recovery = new SeeRecovery(m.Target, m.Summary, m.At, clock.GetUtcNow());
        return incidents.Transact(m.Target, x => IncidentDecider.Decide(x, recovery), context.CancellationToken);
    }
}
