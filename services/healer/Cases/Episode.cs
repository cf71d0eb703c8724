using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Nightshift.Healer.Cases;

/// <summary>Where an episode stands.</summary>
public enum EpisodeState
{
    /// <summary>Nothing is wrong, as far as is known.</summary>
    Well,

    /// <summary>A further action waits for its back-off to pass; a run that failed waits for the healing of its
    /// tasks.</summary>
    Waiting,

    /// <summary>An action is under way.</summary>
    Acting,

    /// <summary>It runs again; whether it stays so is being watched.</summary>
    Proving,

    /// <summary>A person has to look.</summary>
    GivenUp,
}

/// <summary>What is known about one subject: the latest evidence, and how far healing has come.</summary>
public sealed record Episode
{
    /// <summary>Where it stands.</summary>
    public EpisodeState State { get; init; }

    /// <summary>The newest attempt or incarnation there is evidence about; -1 when there is none.</summary>
    public int Turn { get; init; } = -1;

    /// <summary>When that evidence is from (UTC).</summary>
    public DateTimeOffset EvidenceAt { get; init; }

    /// <summary>Whether that evidence was good.</summary>
    public bool Healthy { get; init; }

    /// <summary>The newest failure; empty when there was none.</summary>
    public string CauseId { get; init; } = "";

    /// <summary>That failure in words.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The container's engine; null for a task.</summary>
    public string? Engine { get; init; }

    /// <summary>The longest the container's health check may take to a verdict; null without one.</summary>
    public TimeSpan? HealthCheckTime { get; init; }

    /// <summary>Why healing gave up; null while it has not.</summary>
    public string? Why { get; init; }

    /// <summary>Of a run of a DAG: the instant it stands for (UTC).</summary>
    public DateTimeOffset LogicalDate { get; init; }

    /// <summary>Of a run of a DAG: when it was queued (UTC).</summary>
    public DateTimeOffset QueuedAt { get; init; }

    /// <summary>Of a run of a DAG: tasks that failed in it.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    /// <summary>Of a run of a DAG: the tasks that healing still works on, with the attempt it answers.</summary>
    public ImmutableDictionary<string, int> Healing { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>Actions since it last was well or given up on.</summary>
    public int Tries { get; init; }

    /// <summary>Number of the action under way, or waited for, within the case.</summary>
    public int Action { get; init; }

    /// <summary>The attempt or incarnation that action answers.</summary>
    public int Answers { get; init; } = -1;

    /// <summary>When that action was decided (UTC).</summary>
    public DateTimeOffset? ActedAt { get; init; }

    /// <summary>How long the action under way may take to show what it led to.</summary>
    public TimeSpan VerifyWithin { get; init; }

    /// <summary>True while an incident about it may be open.</summary>
    public bool Escalated { get; init; }

    /// <summary>True when this turn is over: whatever was seen of it before its end, nothing comes after it.</summary>
    public bool Ended { get; init; }

    /// <summary>True when the container of this turn was removed.</summary>
    public bool Removed { get; init; }

    /// <summary>Without the healing of some tasks; of a task, null, without its own.</summary>
    internal Episode Withdraw(IReadOnlyList<string>? tasks)
    {
        var healing = Healing.RemoveRange(tasks ?? []);
        return healing.IsEmpty
            ? this with
            {
                State = EpisodeState.Well,
                Healing = healing,
                Tries = 0,
            }
            : this with
            {
                Healing = healing,
            };
    }

    /// <summary>True until it is well.</summary>
    [JsonIgnore]
    public bool IsOpen => State is not EpisodeState.Well;

    /// <summary>
    /// Messages come twice, late and in any order. Evidence about a container counts when it is about a newer
    /// incarnation, or contradicts what was known of this one and is more recent; an end is always the most recent
    /// thing known of an incarnation, whatever the clocks say.
    /// </summary>
    public bool IsNews(int turn, DateTimeOffset at, bool healthy, bool end = false) =>
        turn > Turn || turn == Turn && !Ended && healthy != Healthy && (end || at > EvidenceAt);
}
