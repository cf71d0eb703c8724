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
    ContainerSnapshots looks,
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
        var ask = new AskRestart(m.Container, engineId, m.CaseId, m.Incarnation, clock.GetUtcNow());
        var known = (await containers.Transact(m.Container, x => WatchDecider.Decide(x, ask), cancellationToken)).State;
        if (WatchDecider.IsDue(known, ask))
        {
            var report = new ReportRestart(
                m.Container,
                engineId,
                m.CaseId,
                m.Incarnation,
                await Restart(m.Container, known, cancellationToken),
                clock.GetUtcNow()
            );
            await containers.Transact(m.Container, x => WatchDecider.Decide(x, report), cancellationToken);
        }
        await looks.Look(m.Container, engineId, cancellationToken);
    }

    /// <returns>Why it could not be done; null when it is.</returns>
    async Task<string?> Restart(string container, WatchedContainer known, CancellationToken cancellationToken)
    {
        try
        {
            if (await looks.Find(container, cancellationToken) is not { } facts)
                return $"there is no container {container} with the label {ContainerSnapshots.Filter}";
            if (facts.StartedAt == known.StartedAt)
                await engine.Restart(facts.Id, Grace, cancellationToken);
            return null;
        }
        catch (EngineException e)
        {
            return e.Message;
        }
    }
}
