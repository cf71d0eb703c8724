using System.Text.Json.Serialization;

namespace Nightshift.DagFiles;

/// <summary>Another DAG whose latest run must have succeeded before a run starts.</summary>
/// <param name="DagId">The other DAG; it may not exist yet.</param>
public sealed record DagRequirement(string DagId)
{
    /// <summary>How long ago that run may have ended, 1 s to 366 days; null for any time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? Within { get; init; }
}
