using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Attempts;

/// <summary>What an attempt is to do, as the scheduler asked for it.</summary>
/// <param name="Kind"><see cref="Container"/> or <see cref="Noop"/>.</param>
/// <param name="Image">Image reference; empty for <c>noop</c>.</param>
/// <param name="Command">Argument vector; empty runs what the image says.</param>
/// <param name="Env">Environment; <c>secret:NAME</c> stands for a secret, whose value is never stored here. Once the
/// attempt is accepted, without what is stored beside its stream.</param>
/// <param name="TimeoutSeconds">Seconds it may run.</param>
/// <param name="MemoryMiB">Hard memory limit, MiB, swap included.</param>
/// <param name="Cpus">Hard CPU limit, cores.</param>
/// <param name="QueuedAt">When the scheduler queued it (UTC).</param>
public sealed record AttemptSpec(
    string Kind,
    string Image,
    ImmutableArray<string> Command,
    ImmutableSortedDictionary<string, string> Env,
    int TimeoutSeconds,
    int MemoryMiB,
    double Cpus,
    DateTimeOffset QueuedAt
)
{
    /// <summary>Size of <c>/tmp</c>, MiB, part of the memory; null for half of it.</summary>
    public int? TmpMiB { get; init; }

    /// <summary>Variables that are stored beside the attempt's stream, by name; null when there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ValueReference>? StoredEnv { get; init; }

    /// <summary>Runs a container.</summary>
    public const string Container = "container";

    /// <summary>Succeeds at once and starts nothing: joins, and measuring the system around the containers.</summary>
    public const string Noop = "noop";

    /// <summary>The engine refuses less.</summary>
    public const int LeastMemoryMiB = 6;

    /// <summary>What makes the spec impossible to run, as a sentence; null when nothing does.</summary>
    public string? Mistake =>
        this switch
        {
            { Kind: Noop } => null,
            { Kind: not Container } => $"This executor does not know the kind '{Kind}'; it runs {Container} and {Noop}",
            { Image: "" } => "A container needs an image",
            { TimeoutSeconds: < 1 } => $"The timeout is {TimeoutSeconds} s; the least is 1 s",
            { MemoryMiB: < LeastMemoryMiB } =>
                $"The memory limit is {MemoryMiB} MiB; the least an engine accepts is {LeastMemoryMiB} MiB",
            { TmpMiB: { } tmp } when tmp < 1 || tmp > MemoryMiB =>
                $"/tmp of {tmp} MiB does not fit into the memory limit of {MemoryMiB} MiB; write 1 to {MemoryMiB} MiB",
            { Cpus: not >= 0.01 } => $"The CPU limit is {Cpus} cores; the least is 0.01",
            _ when Env.Keys.FirstOrDefault(x => x.Length == 0 || x.AsSpan().ContainsAny('=', '\0')) is { } name =>
                $"'{name}' cannot name an environment variable",
            _ when Env.Values.Concat(Command).Any(x => x.Contains('\0')) =>
                "A NUL character can be part of neither a command nor an environment variable",
            _ => null,
        };
}
