using Marten;
using Nightshift.Healer.Dags;
using Nightshift.Healer.Policy;
using Nightshift.Healer.Tasks;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Healer.Cases;

/// <summary>Decides on cases under the decision of the moment, and logs what was decided.</summary>
public sealed class CaseStore(
    StreamStore<Case> cases,
    IDocumentStore store,
    DecisionContextReader reader,
    ILogger<CaseStore> log
)
{
    /// <summary>Decides and appends.</summary>
    /// <param name="target">The case's target.</param>
    /// <param name="decide">Pure; called again on the newer state when another writer appended first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The case after it.</returns>
    public async Task<Case> Decide(
        string target,
        Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> decide,
        CancellationToken cancellationToken
    )
    {
        var decision = await reader.Read(cancellationToken);
        var committed = await cases.Transact(target, x => decide(x, decision), cancellationToken);
        foreach (var e in committed.Events)
            Write(target, e);
        return committed.State;
    }

    /// <summary>Targets healing has given up on that a successful run of the DAG settles.</summary>
    public async Task<IReadOnlyList<string>> Awaiting(string dagId, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return await session
            .Query<CaseRow>()
            .Where(x => x.AwaitedDag == dagId)
            .Select(x => x.Target)
            .ToListAsync(cancellationToken);
    }

    /// <summary>The case of a DAG and those of its tasks that something failed in.</summary>
    public async Task<IReadOnlyList<string>> OfDag(string dagId, CancellationToken cancellationToken)
    {
        var (dag, task) = (DagTarget.Of(dagId), TaskTarget.Of(dagId, ""));
        await using var session = store.QuerySession();
        return await session
            .Query<CaseRow>()
            .Where(x => x.Target == dag || x.Target.StartsWith(task))
            .Select(x => x.Target)
            .ToListAsync(cancellationToken);
    }

    void Write(string target, object @event)
    {
        switch (@event)
        {
            case AnomalySeen x:
                Log.Seen(log, target, x.Subject, x.Turn, x.Summary);
                break;
            case HealingStarted x:
                Log.Started(log, target, x.Subject, x.Action, CaseRowProjection.Words(x));
                break;
            case ActionFailed x:
                Log.ActionFailed(log, target, x.Subject, x.Action, x.Why);
                break;
            case HealingVerified x:
                Log.Verified(log, target, x.Subject, x.Summary);
                break;
            case SubjectRemoved x:
                Log.Verified(log, target, x.Subject, x.Summary);
                break;
            case SubjectStopped x:
                Log.Verified(log, target, x.Subject, x.Summary);
                break;
            case HealingWithdrawn x:
                Log.Withdrawn(log, target, x.Subject, x.Summary);
                break;
            case RunFailureSeen x:
                Log.Seen(log, target, x.Subject, x.Turn, x.Summary);
                break;
            case FlappingStarted x:
                Log.Flaps(log, target, x.Failures, x.Window, x.StableFor);
                break;
            case HealingFailed x:
                Log.GaveUp(log, target, x.Subject, x.Why);
                break;
        }
    }
}
