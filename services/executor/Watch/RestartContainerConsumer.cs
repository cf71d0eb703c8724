using MassTransit;
using Nightshift.Contracts;
using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Watch;

/// <summary>
/// Restarts a watched container for the healer. The natural key of the deed is the start it ends: a container that was
/// started since is left alone, so a repeat, also one after a crash half-way, restarts nothing twice.
/// </summary>
public sealed class RestartContainerConsumer(
    StreamStore<WatchedContainer> containers,
    IContainerEngine engine,
    EngineGate gate,
    ContainerSnapshots snapshots,
    TimeProvider clock
) : IConsumer<RestartContainer>
{
    /// <summary>Time for the process to end by itself; short, for what is restarted is broken and waited for.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RestartContainer> context)
    {
        var (m, cancellationToken) = (context.Message, context.CancellationToken);
        var engineId = (await gate.Open(cancellationToken)).EngineId;
        // A stop or a removal that has just happened is respected.
        await snapshots.Record(m.Container, engineId, cancellationToken);
        var ask = new AskRestart(m.Container, engineId, m.CaseId, m.Incarnation, clock.GetUtcNow());
        var known = (await containers.Transact(m.Container, x => WatchDecider.Decide(x, ask), cancellationToken)).State;
        if (WatchDecider.IsDue(known, ask) && await Restart(m.Container, known, cancellationToken) is { } outcome)
        {
            var report = new ReportRestart(
                m.Container,
                engineId,
                m.CaseId,
                m.Incarnation,
                outcome.Length == 0 ? null : outcome,
                clock.GetUtcNow()
            );
            await containers.Transact(m.Container, x => WatchDecider.Decide(x, report), cancellationToken);
        }
        await snapshots.Record(m.Container, engineId, cancellationToken);
    }

    /// <returns>Why it could not be done; empty when it is; null when the container was removed meanwhile, which is no
    /// failure.</returns>
    async Task<string?> Restart(string container, WatchedContainer known, CancellationToken cancellationToken)
    {
        try
        {
            if (await snapshots.Find(container, cancellationToken) is not { } facts)
                return null;
            if (facts.StartedAt == known.StartedAt)
                await engine.Restart(facts.Id, Grace, cancellationToken);
            return "";
        }
        catch (EngineException e)
        {
            return await IsLeaving(container, cancellationToken) ? null : e.Message;
        }
    }

    async Task<bool> IsLeaving(string container, CancellationToken cancellationToken)
    {
        try
        {
            return await snapshots.Find(container, cancellationToken) is null or { State: "removing" };
        }
        catch (EngineException)
        {
            return false; // it is away; that is what the restart failed of
        }
    }
}
