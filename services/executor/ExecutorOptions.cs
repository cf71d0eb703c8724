using System.ComponentModel.DataAnnotations;
using Nightshift.Contracts;

namespace Nightshift.Executor;

/// <summary>How this executor works. Section <c>Executor</c>; environment <c>Executor__Slots</c> and so on.</summary>
public sealed record ExecutorOptions : IValidatableObject
{
    static readonly string[] Default = ["default"];

    /// <summary>
    /// Queue names whose attempts run here; 1 to 60 lower-case letters, digits and dashes, not beginning with
    /// <c>engine-</c>. Default: <c>default</c> alone.
    /// </summary>
    public string[]? Queues { get; init; }

    /// <summary>
    /// Containers that run at once on this executor's engine, those of other executors of the same engine included;
    /// 1 to 1000, default twice the cores. Further attempts wait, and any executor of their queue may be granted them.
    /// </summary>
    [Range(1, 1000, ErrorMessage = "Executor:Slots must be a number from 1 to 1000")]
    public int Slots { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>
    /// Runs only images that are named with a digest (<c>name@sha256:…</c>), or built on the engine
    /// (<c>localhost/…</c>). Default false: a tag is taken, and the digest it stood for is recorded.
    /// </summary>
    public bool RequireDigest { get; init; }

    /// <summary>The names to listen to.</summary>
    internal IReadOnlyList<string> QueueNames => Queues is { Length: > 0 } named ? named : Default;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        QueueNames
            .Where(x => !ExecutorQueue.IsName(x))
            .Select(x => new ValidationResult($"Executor:Queues names '{x}'; write {ExecutorQueue.Rule}"));
}
