namespace Nightshift.Contracts;

/// <summary>
/// Event, executor → healer: a watched container (label <c>nightshift.heal</c>) turned unhealthy or ended, and nobody
/// asked the engine for its end as far as is known (or its label is <c>always</c>). A repeat carries the same
/// <paramref name="Incarnation"/> and decides nothing.
/// </summary>
/// <param name="Engine">Identity of the Docker engine; commands about this container go to queue
/// <c>executor-engine-{Engine}</c>.</param>
/// <param name="Container">The container's name; the target of healing.</param>
/// <param name="Incarnation">Counts the starts of this container the executor has seen; a fact about an older one is
/// history.</param>
/// <param name="Problem"><c>unhealthy</c> or <c>exited</c>.</param>
/// <param name="ExitCode">Exit code when it ended; null when it is merely unhealthy.</param>
/// <param name="At">When the engine said so (UTC).</param>
/// <param name="HealthCheckTime">The longest its health check may take from a start to a verdict: start period +
/// retries × (interval + timeout), at most a day. Null without a health check.</param>
public sealed record ContainerFailed(
    string Engine,
    string Container,
    int Incarnation,
    string Problem,
    int? ExitCode,
    DateTimeOffset At,
    TimeSpan? HealthCheckTime = null
);

/// <summary>
/// Event, executor → healer: a watched container ended because somebody asked the engine for it. That is no failure: it
/// stays as it is, and what healing was doing about it ends. A repeat decides nothing.
/// </summary>
/// <param name="Engine">Identity of the Docker engine.</param>
/// <param name="Container">The container's name.</param>
/// <param name="Incarnation">As in <see cref="ContainerFailed"/>.</param>
/// <param name="At">When it ended (UTC).</param>
public sealed record ContainerStopped(string Engine, string Container, int Incarnation, DateTimeOffset At);

/// <summary>
/// Event, executor → healer: a watched container is healthy (its health check passed, or it has none and runs). A
/// repeat decides nothing.
/// </summary>
/// <param name="Engine">Identity of the Docker engine.</param>
/// <param name="Container">The container's name.</param>
/// <param name="Incarnation">As in <see cref="ContainerFailed"/>.</param>
/// <param name="HasHealthCheck">False when "healthy" only means "running"; the healer then waits a while before it
/// believes it.</param>
/// <param name="At">When (UTC).</param>
public sealed record ContainerHealthy(
    string Engine,
    string Container,
    int Incarnation,
    bool HasHealthCheck,
    DateTimeOffset At
);

/// <summary>
/// Event, executor → healer: a watched container is no longer there, or has lost its label; somebody removed it, so
/// there is nothing to heal. One made anew under the same name is the next incarnation. A repeat carries the same
/// <paramref name="Incarnation"/> and decides nothing.
/// </summary>
/// <param name="Engine">Identity of the Docker engine.</param>
/// <param name="Container">The container's name.</param>
/// <param name="Incarnation">As in <see cref="ContainerFailed"/>: the last one there was; 0 when it was never
/// started.</param>
/// <param name="At">When the executor found it gone (UTC).</param>
public sealed record ContainerRemoved(string Engine, string Container, int Incarnation, DateTimeOffset At);

/// <summary>
/// Command, healer → executor (queue <c>executor-engine-{Engine}</c>): restart a watched container. Ignored when the
/// container has been started again since <paramref name="Incarnation"/>, so a repeat restarts nothing.
/// </summary>
/// <param name="CaseId">The healer's case, for the record.</param>
/// <param name="Container">The container's name.</param>
/// <param name="Incarnation">The incarnation whose failure this answers.</param>
public sealed record RestartContainer(string CaseId, string Container, int Incarnation);

/// <summary>
/// Event, executor → healer: a restart the healer asked for could not be done. A repeat decides nothing.
/// </summary>
/// <param name="CaseId">The case that asked.</param>
/// <param name="Container">The container's name.</param>
/// <param name="Incarnation">The incarnation the command named.</param>
/// <param name="Detail">What the engine answered, one line.</param>
/// <param name="At">When (UTC).</param>
public sealed record ContainerRestartFailed(
    string CaseId,
    string Container,
    int Incarnation,
    string Detail,
    DateTimeOffset At
);

/// <summary>
/// Event, healer → escalation, scheduler: something failed that healing could not, or may not, fix. The scheduler
/// publishes the next success of the DAG. A repeat carries the same <paramref name="CauseId"/> and decides nothing.
/// </summary>
/// <param name="Target">What is broken: <c>dag.{dag}</c> or <c>container.{name}</c>. The incident's deduplication
/// key.</param>
/// <param name="CauseId">Identity of this failure: <c>{runId}@{end}</c> for a run, or one of the container.</param>
/// <param name="Summary">One line for a person: what failed.</param>
/// <param name="Why">One line for a person: why healing stopped: no remedy, budget used up, limit reached, action
/// failed, flapping.</param>
/// <param name="CaseId">The healer's case, to replay: stream <c>case-{CaseId}</c>.</param>
/// <param name="At">When the healer decided (UTC).</param>
/// <param name="RunId">The run that failed; null for a container.</param>
/// <param name="Tasks">Names of tasks that failed in it, at most 20; empty for a container.</param>
public sealed record HealingFailed(
    string Target,
    string CauseId,
    string Summary,
    string Why,
    string CaseId,
    DateTimeOffset At,
    string? RunId = null,
    IReadOnlyList<string>? Tasks = null
);

/// <summary>
/// Event, healer → escalation: something healing had given up on works again, or is a container that was removed or
/// stopped on request. Resolves an open incident about it. What healing fixed without giving up is not announced. A
/// repeat decides nothing.
/// </summary>
/// <param name="Target">As in <see cref="HealingFailed"/>.</param>
/// <param name="Summary">One line for a person: what was done and what proved it.</param>
/// <param name="CaseId">The healer's case.</param>
/// <param name="At">When (UTC).</param>
public sealed record HealingVerified(string Target, string Summary, string CaseId, DateTimeOffset At);

/// <summary>
/// Event, healer → healer, scheduler: healing of one task has given up. A run that failed while it was under way calls a
/// person now, and the scheduler publishes the next success of the DAG. A repeat decides nothing.
/// </summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">The attempt whose failure it gave up on.</param>
/// <param name="Why">One line for a person.</param>
/// <param name="At">When (UTC).</param>
public sealed record TaskHealingFailed(
    string DagId,
    string RunId,
    string TaskId,
    int Attempt,
    string Why,
    DateTimeOffset At
);
