using System.Text.Json.Serialization;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Mapping;

/// <summary>
/// A task that is mapped over lists has got its instances. They are tasks of the run from now on, named by their index,
/// in the place of the task itself; instances of an earlier mapping beyond them stay removed.
/// </summary>
/// <param name="Task">The task.</param>
/// <param name="Length">How many, 1 or more.</param>
/// <param name="Items">The lists that templates made, as JSON by the names of the sources, without those that are
/// stored beside the stream; the only one has the name <see cref="MapItems.Unnamed"/>. Lists of the DAG file are in
/// its plan.</param>
/// <param name="At">When (UTC).</param>
public sealed record TaskMapped(string Task, int Length, IReadOnlyDictionary<string, string> Items, DateTimeOffset At)
    : RunEvent(At)
{
    /// <summary>Lists that are stored beside the stream, by the names of the sources; null when there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ValueReference>? StoredItems { get; init; }
}

/// <summary>What the instances of a mapped task of a run have in common.</summary>
/// <param name="Length">How many there are.</param>
/// <param name="Upstream">How the tasks that the task needs have ended so far; each instance is judged by it.</param>
/// <param name="Ends">How the instances have ended so far.</param>
/// <param name="Items">As in <see cref="TaskMapped"/>.</param>
public sealed record MappedTask(
    int Length,
    UpstreamCounts Upstream,
    UpstreamCounts Ends,
    IReadOnlyDictionary<string, string> Items
)
{
    /// <summary>As in <see cref="TaskMapped"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ValueReference>? StoredItems { get; init; }

    /// <summary>Where the task stands as one: failed or skipped as soon as an instance is, a success when all
    /// are.</summary>
    [JsonIgnore]
    public TaskState State =>
        Ends.Failed > 0 ? TaskState.Failed
        : Ends.UpstreamFailed > 0 ? TaskState.UpstreamFailed
        : Ends.Skipped > 0 ? TaskState.Skipped
        : Ends.Succeeded == Length ? TaskState.Success
        : TaskState.None;

    /// <summary>True when all instances have ended.</summary>
    [JsonIgnore]
    public bool Ended => Ends.Done >= Length;
}
