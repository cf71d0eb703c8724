using System.Text.Json.Serialization;

namespace Nightshift.DagFiles.Groups;

/// <summary>A group of tasks: a part of the names of its members, and what needs it needs its last tasks.</summary>
/// <param name="GroupId">Its name, behind those of the groups it is in: <c>load.checks</c>.</param>
public sealed record TaskGroup(string GroupId)
{
    /// <summary>What it is for, in a line; null when the file does not say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Tooltip { get; init; }
}
