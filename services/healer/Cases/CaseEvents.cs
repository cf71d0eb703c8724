namespace Nightshift.Healer.Cases;

/// <summary>A fact about one target. Stored for ever: add properties, never rename or repurpose one.</summary>
/// <param name="Target"><c>dag.{dag}</c>, <c>task.{dag}.{task}</c> or <c>container.{name}</c>; one stream each.</param>
/// <param name="Subject">What of the target it is about: a run of the DAG or of the task, or the container's
/// name.</param>
/// <param name="At">When it was decided (UTC).</param>
public abstract record CaseEvent(string Target, string Subject, DateTimeOffset At);

/// <summary>Something failed.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">See <see cref="CaseEvent"/>.</param>
/// <param name="Turn">Which go of it: the attempt of a task, the incarnation of a container. Evidence about an earlier
/// one is history.</param>
/// <param name="CauseId">Identity of this failure.</param>
/// <param name="Problem">Reason of the attempt, or <c>unhealthy</c>, <c>exited</c>.</param>
/// <param name="Summary">One line for a person.</param>
/// <param name="Engine">The container's engine; null for a task.</param>
/// <param name="FailedAt">When it failed (UTC, clock of whoever saw it).</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
/// <param name="HealthCheckTime">The longest the container's health check may take from a start to a verdict; null
/// without one, and for a task.</param>
public sealed record AnomalySeen(
    string Target,
    string Subject,
    int Turn,
    string CauseId,
    string Problem,
    string Summary,
    string? Engine,
    DateTimeOffset FailedAt,
    DateTimeOffset At,
    TimeSpan? HealthCheckTime = null
) : CaseEvent(Target, Subject, At)
{
    /// <summary>The problem of a container that does not run any more.</summary>
    public const string Exited = "exited";
}

/// <summary>It was seen to work.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">See <see cref="CaseEvent"/>.</param>
/// <param name="Turn">As in <see cref="AnomalySeen"/>.</param>
/// <param name="WellAt">When (UTC, clock of whoever saw it).</param>
/// <param name="BelieveAfter">How long it must stay so before it counts; null when it counts at once or nothing waits
/// for it.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record HealthSeen(
    string Target,
    string Subject,
    int Turn,
    DateTimeOffset WellAt,
    TimeSpan? BelieveAfter,
    DateTimeOffset At
) : CaseEvent(Target, Subject, At);

/// <summary>An action was decided; the command goes out once this is committed.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">See <see cref="CaseEvent"/>.</param>
/// <param name="Action">Number of the action within the case, from 1.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public abstract record HealingStarted(string Target, string Subject, int Action, DateTimeOffset At)
    : CaseEvent(Target, Subject, At);

/// <summary>The task is tried again with more memory.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">The run.</param>
/// <param name="Action">See <see cref="HealingStarted"/>.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">The attempt that was killed.</param>
/// <param name="FromMiB">The limit it was killed at, MiB.</param>
/// <param name="ToMiB">The limit of the next attempt, MiB.</param>
/// <param name="VerifyWithin">How long until something must have been heard of the next attempt.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record MemoryRaiseStarted(
    string Target,
    string Subject,
    int Action,
    string TaskId,
    int Attempt,
    int FromMiB,
    int ToMiB,
    TimeSpan VerifyWithin,
    DateTimeOffset At
) : HealingStarted(Target, Subject, Action, At);

/// <summary>The container is restarted.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">The container.</param>
/// <param name="Action">See <see cref="HealingStarted"/>.</param>
/// <param name="Engine">Where it runs.</param>
/// <param name="Incarnation">The incarnation whose failure this answers.</param>
/// <param name="VerifyWithin">How long it may take to become healthy.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record RestartStarted(
    string Target,
    string Subject,
    int Action,
    string Engine,
    int Incarnation,
    TimeSpan VerifyWithin,
    DateTimeOffset At
) : HealingStarted(Target, Subject, Action, At);

/// <summary>The last restart did not help; the next one waits a while.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">The container.</param>
/// <param name="Action">The number the restart will have.</param>
/// <param name="Incarnation">The incarnation it will answer, unless a newer one fails meanwhile.</param>
/// <param name="Wait">How long it waits.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record RestartPlanned(
    string Target,
    string Subject,
    int Action,
    int Incarnation,
    TimeSpan Wait,
    DateTimeOffset At
) : CaseEvent(Target, Subject, At);

/// <summary>A restart could not be done, or did not lead to health in time.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">The container.</param>
/// <param name="Action">The restart.</param>
/// <param name="Why">One line for a person.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record ActionFailed(string Target, string Subject, int Action, string Why, DateTimeOffset At)
    : CaseEvent(Target, Subject, At);

/// <summary>It works again and stays so.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">See <see cref="CaseEvent"/>.</param>
/// <param name="Tries">Actions it took; 0 when it recovered by itself.</param>
/// <param name="Summary">One line for a person: what proved it.</param>
/// <param name="Escalated">True when healing had given up on it before, so that an incident may be open.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record HealingVerified(
    string Target,
    string Subject,
    int Tries,
    string Summary,
    bool Escalated,
    DateTimeOffset At
) : CaseEvent(Target, Subject, At);

/// <summary>The container was removed: there is nothing left to heal.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">The container.</param>
/// <param name="Turn">The incarnation that was its last.</param>
/// <param name="Summary">One line for a person.</param>
/// <param name="Escalated">True when healing had given up on it before, so that an incident may be open.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record SubjectRemoved(
    string Target,
    string Subject,
    int Turn,
    string Summary,
    bool Escalated,
    DateTimeOffset At
) : CaseEvent(Target, Subject, At);

/// <summary>The container was stopped because somebody asked for it: there is nothing to heal.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">The container.</param>
/// <param name="Turn">The incarnation that was stopped.</param>
/// <param name="Summary">One line for a person.</param>
/// <param name="Escalated">True when healing had given up on it before, so that an incident may be open.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record SubjectStopped(
    string Target,
    string Subject,
    int Turn,
    string Summary,
    bool Escalated,
    DateTimeOffset At
) : CaseEvent(Target, Subject, At);

/// <summary>
/// The target goes up and down. A person is asked, and it must stay well for a time before that is taken back.
/// </summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">See <see cref="CaseEvent"/>.</param>
/// <param name="Failures">Failures after health within the window.</param>
/// <param name="Window">The window.</param>
/// <param name="StableFor">How long it must stay well.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record FlappingStarted(
    string Target,
    string Subject,
    int Failures,
    TimeSpan Window,
    TimeSpan StableFor,
    DateTimeOffset At
) : CaseEvent(Target, Subject, At);

/// <summary>A run of the DAG ended and failed.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">The run.</param>
/// <param name="Turn">Which end of the run, from 1.</param>
/// <param name="CauseId">Identity of this failure.</param>
/// <param name="LogicalDate">The instant the run stands for (UTC).</param>
/// <param name="QueuedAt">When the run was queued (UTC).</param>
/// <param name="Tasks">Names of tasks that failed themselves, at most 20.</param>
/// <param name="Healing">Those among them that healing still works on, with the attempt it answers. A person is called
/// once it has given up on all of them, unless the run is reopened.</param>
/// <param name="Summary">One line for a person.</param>
/// <param name="FailedAt">When the run ended (UTC, the scheduler's clock).</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record RunFailureSeen(
    string Target,
    string Subject,
    int Turn,
    string CauseId,
    DateTimeOffset LogicalDate,
    DateTimeOffset QueuedAt,
    IReadOnlyList<string> Tasks,
    IReadOnlyDictionary<string, int> Healing,
    string Summary,
    DateTimeOffset FailedAt,
    DateTimeOffset At
) : CaseEvent(Target, Subject, At);

/// <summary>Healing has given up on one task of a run that failed meanwhile.</summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">The run.</param>
/// <param name="Task">The task.</param>
/// <param name="Attempt">The attempt whose failure it gave up on.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record TaskHealingFailed(string Target, string Subject, string Task, int Attempt, DateTimeOffset At)
    : CaseEvent(Target, Subject, At);

/// <summary>
/// Healing could not, or may not, fix it. For a container or a DAG a person is called; for a task its run decides.
/// </summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">See <see cref="CaseEvent"/>.</param>
/// <param name="CauseId">The failure it gave up on; published once.</param>
/// <param name="Summary">What failed.</param>
/// <param name="Why">Why healing stopped.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
/// <param name="Turn">The attempt, incarnation or end it gave up on.</param>
/// <param name="Tasks">Of a DAG: names of tasks that failed in the run, at most 20; null otherwise.</param>
public sealed record HealingFailed(
    string Target,
    string Subject,
    string CauseId,
    string Summary,
    string Why,
    DateTimeOffset At,
    int Turn,
    IReadOnlyList<string>? Tasks = null
) : CaseEvent(Target, Subject, At);

/// <summary>
/// A person cancelled, marked or cleared what was being healed: healing leaves it alone, and calls nobody. A later
/// failure begins anew.
/// </summary>
/// <param name="Target">See <see cref="CaseEvent"/>.</param>
/// <param name="Subject">The run.</param>
/// <param name="Tasks">Of a DAG: the tasks that its run no longer waits for; null for a task.</param>
/// <param name="IsLast">Of a DAG: false when its run waits for the healing of further tasks; true otherwise.</param>
/// <param name="Summary">One line for a person.</param>
/// <param name="At">See <see cref="CaseEvent"/>.</param>
public sealed record HealingWithdrawn(
    string Target,
    string Subject,
    IReadOnlyList<string>? Tasks,
    bool IsLast,
    string Summary,
    DateTimeOffset At
) : CaseEvent(Target, Subject, At);
