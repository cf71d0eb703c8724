using System.Globalization;
using Nightshift.Healer.Cases;
using Nightshift.Healer.Dags;
using Nightshift.Healer.Policy;

namespace Nightshift.Healer.Tasks;

/// <summary>
/// What is done about a failed task. More memory is the one remedy there is; the scheduler's own retries are not
/// healing's business. Whether a person is called when it does not help is decided by the run
/// (<see cref="DagDecider"/>).
/// </summary>
public static class TaskDecider
{
    /// <summary>The reason an attempt carries when the kernel killed it for memory.</summary>
    public const string OutOfMemory = Contracts.FailureReason.OutOfMemory;

    /// <summary>Answers a failed attempt.</summary>
    /// <returns>No events for a repeated or late report, nor for a failure the scheduler is about to retry by
    /// itself.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeTaskFail fail, DecisionContext context)
    {
        if (fail.Attempt <= @case[fail.RunId].Turn)
            return []; // an attempt has one end, so the first word about it is the last
        if (fail is { Final: false, Reason: not OutOfMemory })
            return [];
        var seen = new AnomalySeen(
            fail.Target,
            fail.RunId,
            fail.Attempt,
            Contracts.AttemptId.Of(fail.RunId, fail.TaskId, fail.Attempt),
            fail.Reason,
            Describe(fail),
            Engine: null,
            fail.FailedAt,
            context.Now
        );
        return
        [
            seen,
            Refusal(@case, fail, context) is { } why
                ? new HealingFailed(fail.Target, fail.RunId, seen.CauseId, seen.Summary, why, context.Now, fail.Attempt)
                : new MemoryRaiseStarted(
                    fail.Target,
                    fail.RunId,
                    @case.Actions + 1,
                    fail.TaskId,
                    fail.Attempt,
                    fail.MemoryMiB,
                    context.Policy.Raise(fail.MemoryMiB),
                    context.Policy.RaiseWithin,
                    context.Now
                ),
        ];
    }

    /// <summary>Takes note of a success, which ends whatever healing was doing about the run.</summary>
    /// <returns>No events for a repeated or late report.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeTaskRecover recover, DecisionContext context)
    {
        var episode = @case[recover.RunId];
        if (recover.Attempt <= episode.Turn)
            return [];
        var seen = new HealthSeen(
            recover.Target,
            recover.RunId,
            recover.Attempt,
            recover.RecoveredAt,
            BelieveAfter: null,
            context.Now
        );
        if (episode.State is EpisodeState.Well)
            return [seen];
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{recover.DagId}.{recover.TaskId} succeeded at attempt {recover.Attempt} with {recover.MemoryMiB} MiB"
        );
        return
        [
            seen,
            new HealingVerified(recover.Target, recover.RunId, episode.Tries, summary, episode.Escalated, context.Now),
        ];
    }

    /// <summary>Leaves a task alone that a person has taken over.</summary>
    /// <returns>No events when nothing is being done about it in this run, or it failed since.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeTaskTakenOver taken, DecisionContext context) =>
        @case[taken.RunId] is { State: EpisodeState.Acting } episode && episode.EvidenceAt <= taken.TakenOverAt
            ?
            [
                new HealingWithdrawn(
                    taken.Target,
                    taken.RunId,
                    Tasks: null,
                    IsLast: true,
                    $"{CaseRowProjection.NameOf(taken.Target)} was {taken.What} in {taken.RunId}",
                    context.Now
                ),
            ]
            : [];

    /// <summary>Gives up a raise nothing was heard of: the command is lost, or the scheduler refused it.</summary>
    /// <returns>No events when an end of the next attempt was heard of.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, CheckRaised due, DecisionContext context)
    {
        var (run, episode) = @case.Episodes.FirstOrDefault(x =>
            x.Value.State is EpisodeState.Acting && x.Value.Action == due.Action
        );
        return run is null
            ? []
            :
            [
                new HealingFailed(
                    due.Target,
                    run,
                    episode.CauseId,
                    episode.Summary,
                    $"nothing was heard of its retry with more memory within {episode.VerifyWithin:c}",
                    context.Now,
                    episode.Turn
                ),
            ];
    }

    /// <summary>Takes what was given up in an earlier run for working again.</summary>
    /// <returns>No events when nothing is, when it failed after this success, or when it failed in this very run, which
    /// succeeded in spite of it.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SettleTask succeed, DecisionContext context)
    {
        var (run, latest) = @case
            .Episodes.Where(x => x.Value.Escalated)
            .OrderBy(x => x.Value.EvidenceAt)
            .ThenBy(x => x.Key, StringComparer.Ordinal)
            .LastOrDefault();
        if (latest is null || latest.EvidenceAt >= succeed.SucceededAt || @case[succeed.RunId].Escalated)
            return [];
        return
        [
            new HealingVerified(
                succeed.Target,
                run,
                Tries: 0,
                $"{CaseRowProjection.NameOf(succeed.Target)} works again: run {succeed.RunId} succeeded",
                Escalated: true,
                context.Now
            ),
        ];
    }

    static string? Refusal(Case @case, SeeTaskFail fail, DecisionContext context) =>
        fail.Reason != OutOfMemory ? $"there is no remedy for a task that ended with '{fail.Reason}'"
        : fail.MemoryMiB >= context.Policy.MaxMemoryMiB
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the largest memory limit healing may give, {context.Policy.MaxMemoryMiB} MiB, is reached"
            )
        : context.Refusal(@case);

    static string Describe(SeeTaskFail x) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{x.DagId}.{x.TaskId} failed at attempt {x.Attempt} of {x.RunId}: {Why(x)}"
        );

    static string Why(SeeTaskFail x) =>
        x.Reason == OutOfMemory ? string.Create(CultureInfo.InvariantCulture, $"killed for memory at {x.MemoryMiB} MiB")
        : x.Detail.Length > 0 ? x.Detail
        : x.Reason;
}
