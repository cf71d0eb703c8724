using Marten;
using Nightshift.Plumbing.Status;

namespace Nightshift.Healer.Cases;

/// <summary>Self-healing on the status page. What it gave up on is escalation's to show.</summary>
public sealed class CaseStatus(IDocumentStore store, TimeProvider clock) : IStatusReport
{
    /// <summary>
    /// A run that was deleted in the middle of being healed is never heard of again; after this it no longer shows.
    /// </summary>
    static readonly TimeSpan ShownFor = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public async Task<(string State, bool Ok)> Read(CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow() - ShownFor;
        string[] open = ["waiting", "acting", "proving"];
        await using var session = store.QuerySession();
        var targets = await session
            .Query<CaseRow>()
            .Where(x => open.Contains(x.State) && x.UpdatedAt > since)
            .Select(x => x.Target)
            .ToListAsync(cancellationToken);
        return (
            targets switch
            {
                [] => "Running",
                [var target] => $"Healing {CaseRowProjection.NameOf(target)}",
                _ => $"Healing {targets.Count} targets",
            },
            Ok: true
        );
    }
}
