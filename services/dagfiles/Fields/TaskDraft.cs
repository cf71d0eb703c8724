namespace Nightshift.DagFiles.Fields;

/// <summary>A task as its fields say it, before <see cref="TaskFields"/> makes one of it.</summary>
/// <param name="Spec">What needs no further fields.</param>
sealed record TaskDraft(TaskSpec Spec)
{
    /// <summary>The shell line; null when there is none.</summary>
    public string? Run { get; init; }

    /// <summary>The argument vector; null when there is none.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>The rule that is written; null for that of its role.</summary>
    public TriggerRule? TriggerRule { get; init; }

    /// <summary>Whether it is a setup.</summary>
    public bool Setup { get; init; }

    /// <summary>Whether it is a teardown.</summary>
    public bool Teardown { get; init; }

    /// <summary>The output that decides whether to go on; null when it does not short-circuit.</summary>
    public string? ShortCircuit { get; init; }

    /// <summary>What <see cref="ShortCircuit"/> skips.</summary>
    public bool IgnoreDownstreamTriggerRules { get; init; } = true;

    /// <summary>The draft with another <see cref="Spec"/>.</summary>
    public TaskDraft With(Func<TaskSpec, TaskSpec> change) => this with { Spec = change(Spec) };
}
