using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Attempts;

/// <summary>Names one attempt and all it belongs to.</summary>
/// <param name="AttemptId">As <see cref="Contracts.AttemptId"/> makes it.</param>
/// <param name="RunId">The run.</param>
/// <param name="DagId">The DAG.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">1 for the first try.</param>
public sealed record AttemptKey(string AttemptId, string RunId, string DagId, string TaskId, int Attempt);

/// <summary>How far an attempt is.</summary>
public enum AttemptPhase
{
    /// <summary>Nobody has asked for it.</summary>
    None,

    /// <summary>Accepted; waits for an executor with a free slot.</summary>
    Accepted,

    /// <summary>An executor has it: secrets and image are fetched.</summary>
    Granted,

    /// <summary>Its container is being made, and may run.</summary>
    Starting,

    /// <summary>Its container runs.</summary>
    Running,

    /// <summary>Over.</summary>
    Finished,
}

/// <summary>Who may run an attempt.</summary>
/// <param name="Number">1, 2, …: the fencing token. What is reported under an earlier one decides nothing.</param>
/// <param name="ExecutorId">The executor process.</param>
/// <param name="Engine">The engine it works with.</param>
public sealed record Grant(int Number, string ExecutorId, string Engine)
{
    /// <summary>Before the first one.</summary>
    public static readonly Grant None = new(0, "", "");
}

/// <summary>How an attempt ended.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Detail">One line for a person; empty when there is nothing to add.</param>
/// <param name="ExitCode">The process's exit code; null when no process ever ran.</param>
/// <param name="Outputs">Values the task handed on; kept only when it succeeded or failed by itself. Long ones are
/// stored beside the attempt's stream once it has finished.</param>
public sealed record Ending(
    string Reason,
    string Detail,
    int? ExitCode,
    ImmutableSortedDictionary<string, string> Outputs
)
{
    /// <summary>The outputs beside the attempt's stream, by name; null when there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ValueReference>? StoredOutputs { get; init; }

    /// <summary>An ending without a process.</summary>
    public static Ending Of(string reason, string detail) =>
        new(reason, detail, ExitCode: null, ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>True when the task did what it was asked to.</summary>
    public bool Succeeded => Reason == Reasons.Completed;

    /// <summary>True when neither the task nor what it asks for is to blame.</summary>
    [JsonIgnore]
    public bool Infrastructure => Reason is Reasons.Engine or Reasons.Lost;
}

/// <summary>One attempt, folded from its stream.</summary>
/// <param name="Phase">How far it is.</param>
/// <param name="Key">Null before it was accepted.</param>
/// <param name="Spec">Null before it was accepted.</param>
/// <param name="Grant">The latest grant.</param>
/// <param name="ContainerId">Its container; null before one was started.</param>
/// <param name="StartedAt">When the container was started (UTC); null before.</param>
/// <param name="Ending">Null while it is not over.</param>
/// <param name="FinishedAt">When it ended (UTC); null while it is not over.</param>
public sealed record Attempt(
    AttemptPhase Phase,
    AttemptKey? Key,
    AttemptSpec? Spec,
    Grant Grant,
    string? ContainerId,
    DateTimeOffset? StartedAt,
    Ending? Ending,
    DateTimeOffset? FinishedAt
)
{
    /// <summary>The state before the first event.</summary>
    public static readonly Attempt Unknown = new(
        AttemptPhase.None,
        Key: null,
        Spec: null,
        Grant.None,
        ContainerId: null,
        StartedAt: null,
        Ending: null,
        FinishedAt: null
    );

    /// <summary>True when a container of it may be at work on this engine, or is about to be.</summary>
    public bool BelongsTo(string engine) =>
        Phase is AttemptPhase.Granted or AttemptPhase.Starting or AttemptPhase.Running && Grant.Engine == engine;

    /// <summary>The state after one more event.</summary>
    public Attempt Evolve(object e) =>
        e switch
        {
            AttemptAccepted x => this with { Phase = AttemptPhase.Accepted, Key = x.Key, Spec = x.Spec },
            // taken over where it was
            AttemptGranted x => this with
            {
                Grant = x.Grant,
                Phase = Phase == AttemptPhase.Accepted ? AttemptPhase.Granted : Phase,
            },
            AttemptGrantRevoked => this with { Phase = AttemptPhase.Accepted },
            AttemptStarting => this with { Phase = AttemptPhase.Starting },
            AttemptStarted x => this with
            {
                Phase = AttemptPhase.Running,
                ContainerId = x.ContainerId,
                StartedAt = x.At,
            },
            AttemptFinished x => this with
            {
                Phase = AttemptPhase.Finished,
                Key = x.Key,
                Ending = x.Ending,
                FinishedAt = x.At,
            },
            _ => this,
        };
}
