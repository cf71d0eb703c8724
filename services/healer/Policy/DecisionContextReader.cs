using Marten;
using Microsoft.Extensions.Options;
using Nightshift.Healer.Cases;

namespace Nightshift.Healer.Policy;

/// <summary>Reads what the next decision rests on.</summary>
public sealed class DecisionContextReader(
    IOptionsMonitor<HealingPolicy> policy,
    IDocumentStore store,
    TimeProvider clock
)
{
    static readonly Type[] Actions = [typeof(MemoryRaiseStarted), typeof(RestartStarted)];

    /// <summary>Reads policy, clock and, when there is a global limit, the log.</summary>
    public async Task<DecisionContext> Read(CancellationToken cancellationToken)
    {
        var (current, now) = (policy.CurrentValue, clock.GetUtcNow());
        return new DecisionContext(
            current,
            current.GlobalMaxActionsPerHour is { } limit
                ? await ActionsSince(now - Case.BudgetWindow, limit, cancellationToken)
                : 0,
            now
        );
    }

    // The latest of each type, and no more of them than the limit: the log before them costs nothing.
    async Task<int> ActionsSince(DateTimeOffset since, int limit, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var count = 0;
        foreach (var action in store.Options.Events.AllKnownEventTypes().Where(x => Actions.Contains(x.EventType)))
        {
            var name = action.EventTypeName;
            var latest = await session
                .Events.QueryAllRawEvents()
                .Where(x => x.EventTypeName == name)
                .OrderByDescending(x => x.Sequence)
                .Take(limit)
                .ToListAsync(cancellationToken);
            count += latest.Count(x => x.Timestamp > since);
        }
        return count;
    }
}
