using System.Collections.Immutable;
using Nightshift.Healer.Dags;
using Nightshift.Healer.Policy;

namespace Nightshift.Healer.Cases;

/// <summary>Everything healing knows about one target.</summary>
/// <param name="Episodes">By subject: runs of a DAG or of a task, or the one container.</param>
/// <param name="ActionsAt">When the latest actions were decided (UTC), oldest first.</param>
/// <param name="Actions">Actions ever taken.</param>
public sealed record Case(
    ImmutableDictionary<string, Episode> Episodes,
    ImmutableList<DateTimeOffset> ActionsAt,
    int Actions
)
{
    /// <summary>Whether it goes up and down.</summary>
    public Flapping Flapping { get; init; } = Flapping.None;

    /// <summary>The case before its first event.</summary>
    public static Case None { get; } = new(ImmutableDictionary<string, Episode>.Empty, [], 0);

    /// <summary>The span a budget covers.</summary>
    public static readonly TimeSpan BudgetWindow = TimeSpan.FromHours(1);

    /// <summary>
    /// Runs remembered at most. A message about a run forgotten after so many newer ones would start afresh, within the
    /// same budget.
    /// </summary>
    const int EpisodesKept = 100;

    /// <summary>What is known about a subject.</summary>
    public Episode this[string subject] => Episodes.GetValueOrDefault(subject) ?? new Episode();

    /// <summary>
    /// Actions less than the window away in either direction, so that no window around <paramref name="at"/> holds
    /// more, whatever the clock did.
    /// </summary>
    public int ActionsAround(DateTimeOffset at) => ActionsAt.Count(x => (x - at).Duration() < BudgetWindow);

    /// <summary>The case after one more event.</summary>
    public static Case Evolve(Case before, object @event) =>
        @event is not CaseEvent e
            ? before
            : (
                before with
                {
                    Episodes = before.Episodes.SetItem(e.Subject, Evolve(before[e.Subject], e)),
                    Flapping = before.FlappingAfter(e),
                }
            )
                .Settle(e)
                .Count(e)
                .Prune(e.Subject);

    static Episode Evolve(Episode x, CaseEvent @event) =>
        @event switch
        {
            AnomalySeen e => x with
            {
                Turn = e.Turn,
                EvidenceAt = e.FailedAt,
                Healthy = false,
                Ended = e.Problem == AnomalySeen.Exited,
                Removed = false,
                CauseId = e.CauseId,
                Summary = e.Summary,
                Engine = e.Engine,
                HealthCheckTime = e.HealthCheckTime,
            },
            RunFailureSeen e => x with
            {
                State = e.Healing.Count > 0 ? EpisodeState.Waiting : x.State,
                Turn = e.Turn,
                EvidenceAt = e.FailedAt,
                Healthy = false,
                CauseId = e.CauseId,
                Summary = e.Summary,
                LogicalDate = e.LogicalDate,
                QueuedAt = e.QueuedAt,
                Tasks = e.Tasks,
                Healing = e.Healing.ToImmutableDictionary(),
            },
            TaskHealingFailed e => x with { Healing = x.Healing.Remove(e.Task) },
            HealthSeen e => x with
            {
                Turn = e.Turn,
                EvidenceAt = e.WellAt,
                Healthy = true,
                Ended = false,
                Removed = false,
                State = e.BelieveAfter is null ? x.State : EpisodeState.Proving,
            },
            MemoryRaiseStarted e => x with
            {
                State = EpisodeState.Acting,
                Tries = x.Tries + 1,
                Action = e.Action,
                Answers = e.Attempt,
                ActedAt = e.At,
                VerifyWithin = e.VerifyWithin,
            },
            RestartStarted e => x with
            {
                State = EpisodeState.Acting,
                Tries = x.Tries + 1,
                Action = e.Action,
                Answers = e.Incarnation,
                ActedAt = e.At,
                VerifyWithin = e.VerifyWithin,
            },
            RestartPlanned e => x with { State = EpisodeState.Waiting, Action = e.Action, Answers = e.Incarnation },
            HealingVerified => x with { State = EpisodeState.Well, Tries = 0, Escalated = false, Why = null },
            SubjectRemoved e => x with
            {
                State = EpisodeState.Well,
                Turn = e.Turn,
                Ended = true,
                Removed = true,
                Tries = 0,
                Escalated = false,
            },
            SubjectStopped e => x with
            {
                State = EpisodeState.Well,
                Turn = e.Turn,
                Healthy = false,
                Ended = true,
                Tries = 0,
                Escalated = false,
            },
            HealingWithdrawn e => x.Withdraw(e.Tasks),
            HealingFailed e => x with { State = EpisodeState.GivenUp, Tries = 0, Escalated = true, Why = e.Why },
            _ => x,
        };

    // Only what was believed to be well can fall: a container that never comes up does not flap.
    Flapping FlappingAfter(CaseEvent @event) =>
        @event switch
        {
            AnomalySeen e when this[e.Subject] is { State: EpisodeState.Well, Healthy: true } => Flapping.Fall(
                e.FailedAt
            ),
            RunFailureSeen e when Episodes.Values.All(x => x.State is EpisodeState.Well) => Flapping.Fall(e.FailedAt),
            FlappingStarted e => Flapping with { StableFor = e.StableFor },
            HealingVerified when Flapping.Active => Flapping.None,
            SubjectRemoved or SubjectStopped => Flapping.None,
            _ => Flapping,
        };

    // One incident stands for all runs of a target, and what was verified resolves it.
    Case Settle(CaseEvent e) =>
        e is not HealingVerified
            ? this
            : this with
            {
                Episodes = Episodes.SetItems(
                    Episodes
                        .Where(x => x.Value.Escalated || DagTarget.Is(e.Target) && x.Value.IsOpen)
                        .Select(x => KeyValuePair.Create(x.Key, Settle(e.Target, x.Value)))
                ),
            };

    // A task's other runs go on: one of them may still be acted upon. A DAG works, or it does not.
    static Episode Settle(string target, Episode x) =>
        DagTarget.Is(target)
            ? x with
            {
                State = EpisodeState.Well,
                Escalated = false,
                Healing = x.Healing.Clear(),
            }
            : x with
            {
                Escalated = false,
            };

    Case Count(CaseEvent e) =>
        e is not HealingStarted started
            ? this
            : this with
            {
                Actions = started.Action,
                ActionsAt = ActionsAt
                    .Add(started.At)
                    .RemoveRange(0, Math.Max(0, ActionsAt.Count + 1 - HealingPolicy.MostActionsPerHour)),
            };

    // The one just touched stays whatever its age; settled ones go before open ones.
    Case Prune(string touched) =>
        Episodes.Count <= EpisodesKept
            ? this
            : this with
            {
                Episodes = Episodes.Remove(
                    Episodes
                        .Where(x => x.Key != touched)
                        .OrderBy(x => x.Value.State is EpisodeState.Well or EpisodeState.GivenUp ? 0 : 1)
                        .ThenBy(x => x.Value.EvidenceAt)
                        .ThenBy(x => x.Key, StringComparer.Ordinal)
                        .First()
                        .Key
                ),
            };
}
