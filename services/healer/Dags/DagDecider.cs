using System.Globalization;
using Nightshift.Healer.Cases;
using Nightshift.Healer.Policy;
using Nightshift.Healer.Tasks;

namespace Nightshift.Healer.Dags;

/// <summary>
/// When a run that failed calls a person: once healing works on none of its tasks any more. However many tasks and runs
/// of a DAG fail, it is one call until the DAG works again.
/// </summary>
public static class DagDecider
{
    /// <summary>Failed tasks a summary names.</summary>
    const int Named = 5;

    /// <summary>Takes note of a run that failed.</summary>
    /// <returns>No events for a repeated report, nor for one that was overtaken: a task has been tried again since, so
    /// the run ends again.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeRunFail fail, DecisionContext context)
    {
        if (fail.End <= @case[fail.RunId].Turn || fail.Tasks.Any(x => x.Healing.Turn > x.Attempt))
            return [];
        var healing = fail.Tasks.Where(x => x.Healing is { State: EpisodeState.Acting } && x.Healing.Turn == x.Attempt);
        var seen = new RunFailureSeen(
            DagTarget.Of(fail.DagId),
            fail.RunId,
            fail.End,
            string.Create(CultureInfo.InvariantCulture, $"{fail.RunId}@{fail.End}"),
            fail.LogicalDate,
            fail.QueuedAt,
            [.. fail.Tasks.Select(x => x.TaskId)],
            healing.ToDictionary(x => x.TaskId, x => x.Attempt),
            Describe(fail),
            fail.FailedAt,
            context.Now
        );
        return seen.Healing.Count > 0
            ? [seen]
            : [seen, .. Call(Case.Evolve(@case, seen), fail.DagId, fail.RunId, WhyOf(fail.Tasks), context)];
    }

    /// <summary>Calls a person when the last task has been given up that a failed run waited for.</summary>
    /// <returns>No events when the run does not wait for this task, or not for this attempt: the run has not ended, or
    /// ends again.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeTaskGivenUp task, DecisionContext context)
    {
        var episode = @case[task.RunId];
        if (
            episode.State is not EpisodeState.Waiting
            || !episode.Healing.TryGetValue(task.TaskId, out var attempt)
            || attempt != task.Attempt
        )
            return [];
        var given = new TaskHealingFailed(DagTarget.Of(task.DagId), task.RunId, task.TaskId, task.Attempt, context.Now);
        var after = Case.Evolve(@case, given);
        return after[task.RunId].Healing.IsEmpty
            ? [given, .. Call(after, task.DagId, task.RunId, $"{task.TaskId}: {task.Why}", context)]
            : [given];
    }

    /// <summary>A failed run no longer waits for the healing of tasks that a person has taken over.</summary>
    /// <returns>No events when it does not wait for them, or ended since.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeTasksTakenOver taken, DecisionContext context)
    {
        var episode = @case[taken.RunId];
        if (episode.State is not EpisodeState.Waiting || episode.EvidenceAt > taken.TakenOverAt)
            return [];
        var tasks = (taken.Tasks ?? [.. episode.Healing.Keys]).Where(episode.Healing.ContainsKey).ToList();
        return tasks.Count == 0
            ? []
            :
            [
                new HealingWithdrawn(
                    DagTarget.Of(taken.DagId),
                    taken.RunId,
                    tasks,
                    IsLast: tasks.Count == episode.Healing.Count,
                    $"{string.Join(", ", tasks.Take(Named))} of {taken.RunId}: {taken.What}",
                    context.Now
                ),
            ];
    }

    /// <summary>
    /// Takes what failed in this run and in older ones for working again. Of a DAG that flaps this has to last.
    /// </summary>
    /// <returns>No events when nothing failed, or when a newer run did.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeRunSucceed succeed, DecisionContext context)
    {
        if (!@case.Episodes.Values.Any(IsFailure) || IsOverruled(@case, succeed))
            return [];
        if (@case.Flapping.StableFor is not { } stableFor)
            return [Verified(@case, succeed.DagId, succeed.RunId, $"run {succeed.RunId} succeeded", context)];
        return IsProving(@case)
            ? []
            :
            [
                new HealthSeen(
                    DagTarget.Of(succeed.DagId),
                    succeed.RunId,
                    Math.Max(0, @case[succeed.RunId].Turn),
                    succeed.SucceededAt,
                    stableFor,
                    context.Now
                ),
            ];
    }

    /// <summary>Believes a flapping DAG that has not failed again.</summary>
    /// <returns>No events when it has.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, CheckDagStable due, DecisionContext context) =>
        @case[due.RunId] is { State: EpisodeState.Proving } && IsProving(@case)
            ? [Verified(@case, due.DagId, due.RunId, $"no run has failed for {@case.Flapping.StableFor:c}", context)]
            : [];

    /// <summary>
    /// True when a run that failed says more about the DAG than this success: it is a newer one, or it failed after it.
    /// </summary>
    public static bool IsOverruled(Case @case, SeeRunSucceed succeed) =>
        @case.Episodes.Any(x =>
            IsFailure(x.Value)
            && (x.Value.EvidenceAt >= succeed.SucceededAt || x.Key != succeed.RunId && IsNewer(x.Value, succeed))
        );

    // A backfill of the past says nothing about the present, and a run queued before says nothing about what came
    // after.
    static bool IsNewer(Episode failed, SeeRunSucceed succeed) =>
        failed.LogicalDate > succeed.LogicalDate || failed.QueuedAt > succeed.QueuedAt;

    static bool IsFailure(Episode x) => x.State is EpisodeState.GivenUp or EpisodeState.Waiting;

    // A success, and no failure after it.
    static bool IsProving(Case @case) =>
        @case.Episodes.Values.Where(x => x.State is EpisodeState.Proving).Max(x => (DateTimeOffset?)x.EvidenceAt)
            is { } since
        && !@case.Episodes.Values.Any(x => IsFailure(x) && x.EvidenceAt >= since);

    static IEnumerable<CaseEvent> Call(Case @case, string dag, string run, string why, DecisionContext context)
    {
        var (target, episode) = (DagTarget.Of(dag), @case[run]);
        if (@case.Flapping.Begins(context.Policy, episode.EvidenceAt))
        {
            var flaps = new FlappingStarted(
                target,
                run,
                @case.Flapping.FallsWithin(context.Policy.FlapWindow, episode.EvidenceAt),
                context.Policy.FlapWindow,
                context.Policy.FlapStableFor,
                context.Now
            );
            yield return flaps;
            @case = Case.Evolve(@case, flaps);
        }
        yield return new HealingFailed(
            target,
            run,
            episode.CauseId,
            episode.Summary,
            @case.Flapping.Active ? $"it is flapping: {why}" : why,
            context.Now,
            episode.Turn,
            episode.Tasks
        );
    }

    static HealingVerified Verified(Case @case, string dag, string run, string proof, DecisionContext context) =>
        new(
            DagTarget.Of(dag),
            run,
            Tries: 0,
            $"{dag} works again: {proof}",
            @case.Episodes.Values.Any(x => x.Escalated),
            context.Now
        );

    static string WhyOf(IReadOnlyList<TaskFailure> tasks) =>
        tasks
            .Where(x => x.Healing.Why is not null)
            .Select(x => $"{x.TaskId}: {x.Healing.Why}")
            .FirstOrDefault("healing has no remedy for it");

    static string Describe(SeeRunFail fail)
    {
        var named = fail.Tasks.Take(Named).Select(x => $"{x.TaskId} ({Describe(x)})");
        var more = fail.FailedCount - Math.Min(Named, fail.Tasks.Count);
        var tasks = string.Join(", ", fail.Detail.Length > 0 ? named.Prepend(fail.Detail) : named);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{fail.DagId} failed in run {fail.RunId}: {tasks}{(more > 0 ? $" and {more} more" : "")}"
        );
    }

    static string Describe(TaskFailure x) =>
        x.Reason == TaskDecider.OutOfMemory
            ? string.Create(CultureInfo.InvariantCulture, $"killed for memory at {x.MemoryMiB} MiB")
        : x.Detail.Length > 0 ? x.Detail
        : x.Reason;
}
