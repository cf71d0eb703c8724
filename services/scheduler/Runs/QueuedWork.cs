using Marten;
using Marten.Linq.MatchesSql;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// Reads what attempts were asked to do, as it was rendered then. A variable may have another value by now.
/// </summary>
public sealed class QueuedWork(IDocumentStore store, StreamValueTable values)
{
    const string OfTasks = "(d.type = 'task_queued' and d.data ->> 'task' = any(?))";

    /// <summary>The work of the attempts of some tasks, with what is stored beside the run's stream.</summary>
    public async Task<IReadOnlyDictionary<(string Task, int Attempt), AttemptWork>> Of(
        string runId,
        IReadOnlyCollection<string> tasks,
        CancellationToken cancellationToken
    )
    {
        var work = new Dictionary<(string, int), AttemptWork>();
        if (tasks.Count == 0)
            return work;
        var stream = RunStream.Definition.Prefix + runId;
        object[] names = [tasks.ToArray()];
        await using var session = store.QuerySession();
        var events = await session
            .Events.QueryAllRawEvents()
            .Where(x => x.StreamKey == stream && x.MatchesSql(OfTasks, names))
            .ToListAsync(cancellationToken);
        foreach (var queued in events.Select(x => x.Data).OfType<TaskQueued>())
            work[(queued.Task, queued.Attempt)] = queued.Work with
            {
                Env = await values.Join(stream, queued.Work.Env, queued.Work.StoredEnv, cancellationToken),
                StoredEnv = null,
            };
        return work;
    }
}
