using System.Collections.Immutable;

namespace Nightshift.Executor.Attempts;

/// <summary>Names one attempt and all it belongs to.</summary>
/// <param name="AttemptId"><c>{RunId}.{TaskId}.{Attempt}</c>.</param>
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

    /// <summary>Accepted; waits for a slot, or its container is being made.</summary>
    Accepted,

    /// <summary>Its container runs.</summary>
    Running,

    /// <summary>Over.</summary>
    Finished,
}

/// <summary>How an attempt ended.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Detail">One line for a person; empty when there is nothing to add.</param>
/// <param name="ExitCode">The process's exit code; null when no process ever ran.</param>
/// <param name="Outputs">Values the task handed on; kept only when it succeeded or failed by itself.</param>
public sealed record Ending(
    string Reason,
    string Detail,
    int? ExitCode,
    ImmutableSortedDictionary<string, string> Outputs
)
{
    /// <summary>An ending without a process.</summary>
    public static Ending Of(string reason, string detail) =>
        new(reason, detail, ExitCode: null, ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>True when the task did what it was asked to.</summary>
    public bool Succeeded => Reason == Reasons.Completed;
}

/// <summary>One attempt, folded from its stream.</summary>
/// <param name="Phase">How far it is.</param>
/// <param name="Key">Null before it was accepted.</param>
/// <param name="Spec">Null before it was accepted.</param>
/// <param name="Engine">The engine it belongs to.</param>
/// <param name="ContainerId">Its container; null before one was started.</param>
/// <param name="StartedAt">When the container was started (UTC); null before.</param>
/// <param name="Ending">Null while it is not over.</param>
public sealed record Attempt(
    AttemptPhase Phase,
    AttemptKey? Key,
    AttemptSpec? Spec,
    string Engine,
    string? ContainerId,
    DateTimeOffset? StartedAt,
    Ending? Ending
)
{
    /// <summary>The state before the first event.</summary>
    public static readonly Attempt Unknown = new(
        AttemptPhase.None,
        Key: null,
        Spec: null,
        Engine: "",
        ContainerId: null,
        StartedAt: null,
        Ending: null
    );

    /// <summary>The state after one more event.</summary>
    public Attempt Evolve(object e) =>
        e switch
        {
            AttemptAccepted x => this with
            {
                Phase = AttemptPhase.Accepted,
                Key = x.Key,
                Spec = x.Spec,
                Engine = x.Engine,
            },
            AttemptStarted x => this with
            {
                Phase = AttemptPhase.Running,
                ContainerId = x.ContainerId,
                StartedAt = x.At,
            },
            AttemptFinished x => this with { Phase = AttemptPhase.Finished, Ending = x.Ending },
            _ => this,
        };
}
