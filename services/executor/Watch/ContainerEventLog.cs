using System.Collections.Concurrent;
using System.Collections.Immutable;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Watch;

/// <summary>
/// The latest signals and ends of each watched container, as the engine's events told them. They say who ended a
/// container, which its state does not. Kept in memory only: after a start the engine's own memory fills it again.
/// </summary>
public sealed class ContainerEventLog(TimeProvider clock)
{
    /// <summary>
    /// How long an end that was seen waits for the event that announces it: the engine writes the event first, but it
    /// takes another connection to us. Whoever finds no event by then takes the end for a failure.
    /// </summary>
    public static readonly TimeSpan EventDelay = TimeSpan.FromSeconds(2);

    /// <summary>Events kept of a container, the latest.</summary>
    const int Kept = 16;

    readonly ConcurrentDictionary<string, ImmutableList<EngineEvent>> events = [];
    TaskCompletionSource added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Keeps an event that says something about an end.</summary>
    public void Add(EngineEvent e)
    {
        if (e.Action is not ("kill" or "stop" or "die"))
            return;
        events.AddOrUpdate(
            e.Container,
            _ => [e],
            (_, kept) => kept.Contains(e) ? kept : kept.Add(e).RemoveRange(0, Math.Max(0, kept.Count + 1 - Kept))
        );
        Interlocked
            .Exchange(ref added, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .TrySetResult();
    }

    /// <summary>The events of a container, oldest first; not those of another one that had its name.</summary>
    public IEnumerable<EngineEvent> Of(ContainerFacts facts) =>
        (events.GetValueOrDefault(facts.Name) ?? []).Where(x => x.Id == facts.Id);

    /// <summary>Drops the events of a container that is gone.</summary>
    /// <param name="container">Its name.</param>
    public void Forget(string container) => events.TryRemove(container, out _);

    /// <summary>Waits until the end of a container has been announced, but not for long.</summary>
    public async Task EndAnnounced(ContainerFacts facts, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(EventDelay, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            for (var next = Volatile.Read(ref added); !Announced(facts); next = Volatile.Read(ref added))
                await next.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { } // nothing will come
    }

    // An older end may lie far back: what the engine still knows of it has been read by then.
    bool Announced(ContainerFacts facts) =>
        facts.FinishedAt is not { } finishedAt
        || finishedAt < clock.GetUtcNow() - EventDelay
        || Of(facts).Any(x => x.Action == "die" && x.At >= (facts.StartedAt ?? finishedAt));
}
