using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Replay;

/// <summary>One part of a state that an event changed.</summary>
/// <param name="Path">Where: <c>tasks.extract.state</c>, <c>causes[0]</c>.</param>
/// <param name="Before">JSON before; null when it was not there.</param>
/// <param name="After">JSON after; null when it is gone.</param>
public sealed record Change(string Path, string? Before, string? After)
{
    public override string ToString() =>
        (Before, After) switch
        {
            (null, _) => $"+ {Path}: {After}",
            (_, null) => $"- {Path}: {Before}",
            _ => $"~ {Path}: {Before} -> {After}",
        };
}

/// <summary>Compares two states leaf by leaf.</summary>
public static class StateDiff
{
    /// <summary>The changed parts, in the order of the newer state; what is gone comes last in its object.</summary>
    public static IEnumerable<Change> Of(JsonElement before, JsonElement after) => Compare("", before, after);

    static IEnumerable<Change> Compare(string path, JsonElement before, JsonElement after)
    {
        if (before.ValueKind is JsonValueKind.Object && after.ValueKind is JsonValueKind.Object)
            return Members(path, before, after);
        if (before.ValueKind is JsonValueKind.Array && after.ValueKind is JsonValueKind.Array)
            return Elements(path, before, after);
        if (JsonElement.DeepEquals(before, after))
            return [];
        return [new Change(path, before.Compact(), after.Compact())];
    }

    static IEnumerable<Change> Members(string path, JsonElement before, JsonElement after)
    {
        foreach (var member in after.EnumerateObject())
        {
            var at = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            foreach (
                var change in before.TryGetProperty(member.Name, out var old)
                    ? Compare(at, old, member.Value)
                    : [new Change(at, Before: null, member.Value.Compact())]
            )
                yield return change;
        }
        foreach (var member in before.EnumerateObject().Where(x => !after.TryGetProperty(x.Name, out _)))
            yield return new Change(
                path.Length == 0 ? member.Name : $"{path}.{member.Name}",
                member.Value.Compact(),
                After: null
            );
    }

    static IEnumerable<Change> Elements(string path, JsonElement before, JsonElement after)
    {
        var (old, now) = (before.GetArrayLength(), after.GetArrayLength());
        for (var i = 0; i < Math.Max(old, now); i++)
            foreach (
                var change in i >= old ? [new Change($"{path}[{i}]", Before: null, after[i].Compact())]
                : i >= now ? [new Change($"{path}[{i}]", before[i].Compact(), After: null)]
                : Compare($"{path}[{i}]", before[i], after[i])
            )
                yield return change;
    }
}
