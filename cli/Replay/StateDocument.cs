using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Replay;

/// <summary>One part of a state that an event changed.</summary>
/// <param name="Path">Where, as a JSON pointer (RFC 6901).</param>
/// <param name="Before">Before; undefined when it was not there.</param>
/// <param name="After">After; undefined when it is gone.</param>
public sealed record Change(string Path, JsonElement Before, JsonElement After)
{
    /// <summary>The changes of a step, in the order in which they apply.</summary>
    public static IEnumerable<Change> In(JsonElement step) =>
        step.Items("changes").Select(x => new Change(x.Text("path"), x.At("before"), x.At("after")));

    /// <summary>The names on the way to it.</summary>
    public IReadOnlyList<string> Names =>
        [
            .. Path.Split('/')
                .Skip(1)
                .Select(x =>
                    x.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)
                ),
        ];
}

/// <summary>A whole state, kept up to date by the changes that a replay sends.</summary>
/// <param name="seed">The state before the first event.</param>
public sealed class StateDocument(JsonElement seed)
{
    JsonNode? root = NodeOf(seed);

    /// <summary>The state now.</summary>
    public JsonElement State => JsonSerializer.SerializeToElement(root);

    /// <summary>Makes one step's changes.</summary>
    /// <exception cref="AnswerException">They do not fit the state.</exception>
    public void Apply(JsonElement step)
    {
        foreach (var change in Change.In(step))
            if (change.Names.Count == 0)
                root = NodeOf(change.After);
            else if (!Set(change.Names.SkipLast(1).Aggregate(root, Step), change.Names[^1], change.After))
                throw new AnswerException(
                    ExitCodes.Failed,
                    $"Version {step.Text("version")} changes '{change.Path}', which is not in the state before it."
                );
    }

    static bool Set(JsonNode? at, string name, JsonElement value)
    {
        var gone = value.ValueKind is JsonValueKind.Undefined;
        switch (at)
        {
            case JsonObject x when gone:
                return x.Remove(name);
            case JsonObject x:
                x[name] = NodeOf(value);
                return true;
            case JsonArray x when Index(name) is { } i && i <= x.Count:
                if (i < x.Count)
                    x.RemoveAt(i);
                if (!gone)
                    x.Insert(i, NodeOf(value));
                return true;
            default:
                return false;
        }
    }

    static JsonNode? Step(JsonNode? at, string name) =>
        at switch
        {
            JsonObject x => x[name],
            JsonArray x when Index(name) is { } i && i < x.Count => x[i],
            _ => null,
        };

    static int? Index(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    static JsonNode? NodeOf(JsonElement value) =>
        value.ValueKind is JsonValueKind.Undefined ? null : JsonSerializer.SerializeToNode(value);
}
