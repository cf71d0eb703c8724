using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Interventions;

/// <summary>Carries out, or only shows, what a person does to runs.</summary>
sealed class InterventionStore(StreamStore<Run> streams, RunStore runs)
{
    /// <summary>Decides on one run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="decide">Pure; may be called several times.</param>
    /// <param name="dryRun">True: nothing is written.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Intervention> Apply(
        string runId,
        Func<Run, OutputValues, IReadOnlyList<RunEvent>> decide,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        if (dryRun)
        {
            var (run, _) = await streams.Load(runId, cancellationToken);
            var events = await runs.Read(run, x => decide(run, x), cancellationToken);
            return new(events.OfType<RunReplanned>().Aggregate(run, Run.Evolve), TasksOf(events));
        }
        var committed = await runs.Transact(runId, decide, cancellationToken);
        return new(committed.State, TasksOf(committed.Events));
    }

    // What follows from an intervention is not listed: only what it says itself.
    static HashSet<string> TasksOf(IEnumerable<object> events) =>
        events
            .SelectMany(e =>
                e switch
                {
                    TaskCancelled x => [x.Task],
                    TaskMarked x => [x.Task],
                    TaskStopped x => [x.Task],
                    TaskSkipped { Reason: SkipReason.Cancelled } x => [x.Task],
                    TasksCleared x => x.Tasks.Select(t => t.Task),
                    RunReplanned x => x.Added,
                    _ => (IEnumerable<string>)[],
                }
            )
            .ToHashSet();
}

/// <summary>What came of it.</summary>
/// <param name="Run">The run after it; as it is when nothing was written.</param>
/// <param name="Tasks">The tasks concerned.</param>
sealed record Intervention(Run Run, IReadOnlySet<string> Tasks)
{
    /// <summary>The tasks as answers have them, in topological order.</summary>
    public IEnumerable<TaskInstanceBody> Bodies() =>
        Run
            .InstancesAndRemoved.Where(x => Tasks.Contains(x.TaskId))
            .Select(x => TaskInstanceBody.Of(Run.Queued!, x, Run.Tasks[x.TaskId]));

    /// <summary>One list of several.</summary>
    public static TaskInstanceCollection Collect(IEnumerable<Intervention> interventions)
    {
        var bodies = interventions.SelectMany(x => x.Bodies()).ToList();
        return new(bodies, bodies.Count);
    }
}
