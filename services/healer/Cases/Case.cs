using System.Collections.Immutable;
using Nightshift.Healer.Policy;

namespace Nightshift.Healer.Cases;

/// <summary>Everything healing knows about one target.</summary>
/// <param name="Episodes">By subject: runs of a task, or the one container.</param>
/// <param name="ActionsAt">When the latest actions were decided (UTC), oldest first.</param>
/// <param name="Actions">Actions ever taken.</param>
public sealed record Case(
    ImmutableDictionary<string, Episode> Episodes,
    ImmutableList<DateTimeOffset> ActionsAt,
    int Actions
)
{
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
            : (before with { Episodes = before.Episodes.SetItem(e.Subject, Evolve(before[e.Subject], e)) })
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
                Sound = false,
                Ended = e.Problem == AnomalySeen.Exited,
                Removed = false,
                CauseId = e.CauseId,
                Summary = e.Summary,
                Engine = e.Engine,
            },
            HealthSeen e => x with
            {
                Turn = e.Turn,
                EvidenceAt = e.WellAt,
                Sound = true,
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
            HealingVerified => x with { State = EpisodeState.Well, Tries = 0, Escalated = false },
            SubjectRemoved e => x with
            {
                State = EpisodeState.Well,
                Turn = e.Turn,
                Ended = true,
                Removed = true,
                Tries = 0,
                Escalated = false,
            },
            HealingFailed => x with { State = EpisodeState.GivenUp, Tries = 0, Escalated = true },
            _ => x,
        };

    // One incident stands for all runs of a task, and what was verified resolves it.
    Case Settle(CaseEvent e) =>
        e is not HealingVerified
            ? this
            : this with
            {
                Episodes = Episodes.SetItems(
                    Episodes
                        .Where(x => x.Value.Escalated)
                        .Select(x => KeyValuePair.Create(x.Key, x.Value with { Escalated = false }))
                ),
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
