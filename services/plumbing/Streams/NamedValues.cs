using System.Text;

namespace Nightshift.Plumbing.Streams;

/// <summary>
/// The named values of one event. They are part of it while they are short together; otherwise the longest are stored
/// beside its stream, and the event refers to them.
/// </summary>
/// <param name="Inline">The values that are part of the event, by name.</param>
/// <param name="References">References to the others, by name; null when there are none.</param>
/// <param name="Stored">The others, by the hash that refers to them.</param>
public sealed record NamedValues(
    IReadOnlyDictionary<string, string> Inline,
    IReadOnlyDictionary<string, ValueReference>? References,
    IReadOnlyDictionary<string, string> Stored
)
{
    /// <summary>Bytes (UTF-8) of all values of an event that may be part of it together.</summary>
    public const int MostInline = 4 * 1024;

    /// <summary>
    /// A value of so many bytes or fewer is always part of the event: a reference takes half as many.
    /// </summary>
    public const int AlwaysInline = 256;

    static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    /// <summary>Divides values: the same ones always in the same way.</summary>
    public static NamedValues Of(IReadOnlyDictionary<string, string> values)
    {
        var excess = values.Sum(x => (long)Encoding.UTF8.GetByteCount(x.Value)) - MostInline;
        if (excess <= 0)
            return new(values, References: null, Nothing);
        var references = new SortedDictionary<string, ValueReference>(StringComparer.Ordinal);
        foreach (var (name, reference) in LongestFirst(values))
        {
            references[name] = reference;
            if ((excess -= reference.Bytes) <= 0)
                break;
        }
        return references.Count == 0
            ? new(values, References: null, Nothing)
            : new(
                new SortedDictionary<string, string>(
                    values.Where(x => !references.ContainsKey(x.Key)).ToDictionary(),
                    StringComparer.Ordinal
                ),
                references,
                references.DistinctBy(x => x.Value.Sha256).ToDictionary(x => x.Value.Sha256, x => values[x.Key])
            );
    }

    static IEnumerable<(string Name, ValueReference Reference)> LongestFirst(
        IReadOnlyDictionary<string, string> values
    ) =>
        values
            .Where(x => Encoding.UTF8.GetByteCount(x.Value) > AlwaysInline)
            .Select(x => (x.Key, ValueReference.To(x.Value)))
            .OrderByDescending(x => x.Item2.Bytes)
            .ThenBy(x => x.Key, StringComparer.Ordinal);
}
