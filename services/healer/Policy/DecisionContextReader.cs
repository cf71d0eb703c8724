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
            current.GlobalMaxActionsPerHour is null
                ? 0
                : await ActionsSince(now - Case.BudgetWindow, cancellationToken),
            now
        );
    }

    async Task<int> ActionsSince(DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var names = store
            .Options.Events.AllKnownEventTypes()
            .Where(x => Actions.Contains(x.EventType))
            .Select(x => x.EventTypeName)
            .ToArray();
        return await session
            .Events.QueryAllRawEvents()
            .CountAsync(x => names.Contains(x.EventTypeName) && x.Timestamp > since, cancellationToken);
    }
}
