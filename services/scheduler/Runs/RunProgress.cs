using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Mapping;
using Nightshift.Scheduler.Pools;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// What follows from the end of a task: tasks behind it become ready or are given up, which are ends too, until nothing
/// more can be decided; then, if that was the last task, the end of the run.
/// </summary>
sealed partial class RunProgress(Run run, DateTimeOffset at, OutputValues outputs)
{
    /// <summary>The reason of a task that failed since it could not be mapped.</summary>
    const string MappingReason = "mapping";

    readonly List<RunEvent> events = [];
    readonly Queue<TaskSpec> candidates = new();

    /// <summary>The tasks of the run, in topological order.</summary>
    public IReadOnlyList<TaskSpec> Tasks => run.Plan.Tasks;

    /// <summary>Notes an event that decides nothing for other tasks.</summary>
    public RunProgress Add(RunEvent e)
    {
        events.Add(e);
        run = Run.Evolve(run, e);
        return this;
    }

    /// <summary>Notes what became of a task. If that ended it, whatever waits for it is judged.</summary>
    public RunProgress Settle(string task, RunEvent e)
    {
        Add(e);
        if (run.Find(task) is not { Ended: true } instance)
            return this;
        if (instance.State is TaskState.Success)
            SkipBehind(run.Plan[task]);
        if (instance.State is TaskState.Failed && run is { Queued.FailFast: true, Stopped: null })
            Stop(StopReason.FailFast, task);
        Consider(run.Plan.After(task));
        Consider(run.Plan.ScopeOf(task));
        return this;
    }

    /// <summary>
    /// Queues the next attempt of a task, or lets it wait for slots, or skips the task if its condition says so. A task
    /// that is to be mapped gets its instances, for which the same is done.
    /// </summary>
    public RunProgress Queue(string task) => Start(run.Plan[task]);

    /// <summary>Queues the next attempt of a task that has its slots.</summary>
    public RunProgress QueueGranted(string task) => Settle(task, Rendered(run.Plan[task], Queued));

    /// <summary>Tasks to judge: what they wait for may have changed.</summary>
    public RunProgress Consider(IEnumerable<TaskSpec> tasks)
    {
        foreach (var task in tasks)
            candidates.Enqueue(task);
        return this;
    }

    /// <summary>
    /// Ends every task that has not ended: attempts are stopped, the other tasks skipped. Teardowns still run after a
    /// failure and for a person, and not after the run's time is up.
    /// </summary>
    public RunProgress Stop(StopReason reason, string? failed, string? by = null, string? note = null)
    {
        Add(new RunStopped(reason, failed, at) { By = by, Note = note });
        foreach (var spec in run.Instances.ToList())
            if (
                run.Tasks[spec.TaskId] is { Ended: false } task
                && (reason is StopReason.Timeout || spec.Role is not TaskRole.Teardown)
            )
                Settle(spec.TaskId, Stopped(spec, task, reason, failed));
        return this;
    }

    /// <summary>All that was decided.</summary>
    public IReadOnlyList<RunEvent> Complete()
    {
        Advance();
        // what a person marks may change how a run has ended
        if (run is { Open: 0, Queued: { } queued } && run.Outcome != RunEnd.OutcomeOf(run))
            Add(RunEnd.Of(run, queued, at));
        return events;
    }

    void Advance()
    {
        while (candidates.TryDequeue(out var candidate))
            if (run.Mapped is null)
                JudgeIfOpen(candidate);
            else
                foreach (var spec in run.Named(candidate.TaskId))
                    JudgeIfOpen(spec);
    }

    void JudgeIfOpen(TaskSpec spec)
    {
        if (!run.IsWaiting && run.Find(spec.TaskId) is { State: TaskState.None })
            Judge(spec);
    }

    // The only place a join is judged.
    void Judge(TaskSpec spec)
    {
        switch (TaskReadiness.Judge(run, spec))
        {
            case Verdict.Ready when spec.WaitsForPast:
                Settle(spec.TaskId, new TaskWaitsForPast(spec.TaskId, at));
                break;
            case Verdict.Ready:
                Start(spec);
                break;
            case Verdict.Skip:
                Settle(spec.TaskId, new TaskSkipped(spec.TaskId, at));
                break;
            case Verdict.UpstreamFailed:
                Settle(spec.TaskId, new TaskUpstreamFailed(spec.TaskId, at));
                break;
            default:
                break; // upstream still in progress
        }
    }

    // One instance after the other: a failure of one may have ended the others.
    RunProgress Start(TaskSpec spec)
    {
        if (!run.IsToBeMapped(spec))
            return Settle(spec.TaskId, Next(spec));
        Settle(spec.TaskId, Rendered(spec, x => MapItems.Decide(run, x, at, outputs), MappingReason));
        if (run.MappedOf(spec.TaskId) is not null)
            foreach (var instance in run.InstancesOf(spec).ToList())
                if (run.Tasks[instance.TaskId].State is TaskState.None)
                    Settle(instance.TaskId, Next(instance));
        return this;
    }

    // A task that has begun already, by a trigger rule that does not wait, is left alone. One that a person marked may
    // lack the output that decides, and then it skips nothing.
    void SkipBehind(TaskSpec task, IReadOnlySet<string>? only = null)
    {
        if ((task.Branch ?? task.ShortCircuit?.Output) is not { } output || !run.Tasks[task.TaskId].HandedOn(output))
            return;
        var (reason, skipped) = DownstreamSkips.Of(run.Plan, task, x => OutputOf(run.Tasks[task.TaskId], x));
        foreach (var spec in skipped.SelectMany(run.InstancesOf).ToList())
            if (run.Tasks[spec.TaskId].State is TaskState.None && only?.Contains(spec.TaskId) is not false)
                Settle(spec.TaskId, new TaskSkipped(spec.TaskId, at) { Reason = reason, By = task.TaskId });
    }

    string? OutputOf(TaskInstance task, string name) => outputs.Find(task.Outputs, task.StoredOutputs, name);

    RunEvent Stopped(TaskSpec spec, TaskInstance task, StopReason reason, string? failed) =>
        task.IsUnderWay
            ? new TaskStopped(spec.TaskId, task.Attempt, spec.Queue, reason, at)
            : new TaskSkipped(spec.TaskId, at)
            {
                Reason = reason switch
                {
                    StopReason.Timeout => SkipReason.Timeout,
                    StopReason.FailFast => SkipReason.FailFast,
                    _ => SkipReason.Cancelled,
                },
                By = failed,
            };

    RunEvent Next(TaskSpec spec) =>
        Rendered(
            spec,
            x =>
                RunValues.IsSkipped(run, x, at, outputs)
                    ? new TaskSkipped(x.TaskId, at) { Reason = SkipReason.Condition }
                : TaskLimits.Of(run.Queued!, x) is { } limits ? Scheduled(x, limits)
                : Queued(x)
        );

    TaskScheduled Scheduled(TaskSpec spec, TaskLimits limits) =>
        new(
            spec.TaskId,
            run.Tasks[spec.TaskId].Attempt + 1,
            run.Tasks[spec.TaskId].Requests + 1,
            limits.Pool,
            limits.Slots,
            run.Plan.PriorityOf(spec.TaskId),
            at
        );

    TaskQueued Queued(TaskSpec spec)
    {
        var task = run.Tasks[spec.TaskId];
        return new(spec.TaskId, task.Attempt + 1, RunValues.Work(run, spec, task.MemoryMiB, at, outputs), at)
        {
            RenderedMapIndex = RunValues.MapIndex(run, spec, at, outputs),
        };
    }

    // A template that cannot be rendered will not render better next time: the task fails for good, and says why.
    RunEvent Rendered(TaskSpec spec, Func<TaskSpec, RunEvent> decide, string reason = "template")
    {
        try
        {
            return decide(spec);
        }
        catch (TemplateException e)
        {
            var task = run.Tasks[spec.TaskId];
            return new TaskFailed(spec.TaskId, task.Attempt + 1, reason, e.Message, task.MemoryMiB, at);
        }
    }
}
