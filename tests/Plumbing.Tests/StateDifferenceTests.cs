using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Replay;

namespace Nightshift.Plumbing.Tests;

/// <summary>What differs between two states, told in terms of their JSON.</summary>
[Properties(Arbitrary = [typeof(StateDifferenceTests)])]
public sealed class StateDifferenceTests
{
    public sealed record Part(string Text, IReadOnlyDictionary<string, int> Map);

    public sealed record Whole(
        string? Name,
        Part? Part,
        ImmutableDictionary<string, Part> Parts,
        ImmutableList<int> Numbers,
        ImmutableHashSet<int> Set,
        DateTimeOffset? At
    )
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Part? LeftOut { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public int Count { get; init; }
    }

    static readonly Gen<string> Keys = Gen.Elements("a", "b", "c/d", "~e", "");

    static readonly Gen<Part> PartOf =
        from text in Keys
        from keys in Gen.ListOf(Keys, 2)
        from number in Gen.Choose(0, 2)
        select new Part(text, keys.Distinct().ToDictionary(x => x, _ => number));

    public static Arbitrary<Whole> States() =>
        (
            from name in Gen.OneOf(Gen.Constant<string?>(null), Keys.Select(x => (string?)x))
            from part in Gen.OneOf(Gen.Constant<Part?>(null), PartOf.Select(x => (Part?)x))
            from keys in Gen.ListOf(Keys)
            from parts in Gen.ListOf(PartOf, 5)
            from numbers in Gen.ListOf(Gen.Choose(0, 3))
            from minute in Gen.Choose(0, 1)
            from leftOut in Gen.OneOf(Gen.Constant<Part?>(null), PartOf.Select(x => (Part?)x))
            from count in Gen.Choose(0, 1)
            select new Whole(
                name,
                part,
                keys.Distinct().Zip(parts).ToImmutableDictionary(x => x.First, x => x.Second),
                [.. numbers],
                [.. numbers],
                minute == 0 ? null : DateTimeOffset.UnixEpoch
            )
            {
                LeftOut = leftOut,
                Count = count,
            }
        ).ToArbitrary();

    [Property]
    public void The_changes_make_the_state_after_from_the_state_before(Whole before, Whole after)
    {
        var changes = StateDifference.Between(before, after, typeof(Whole)).ToList();
        Assert.True(JsonNode.DeepEquals(Node(after), Apply(Node(before), changes)));
        Assert.All(changes, x => Assert.NotEqual(x.Before?.Json.GetRawText(), x.After?.Json.GetRawText()));
    }

    [Property]
    public void Equal_states_have_no_changes_whatever_they_share(Whole state) =>
        Assert.Empty(
            StateDifference.Between(
                state,
                JsonSerializer.Deserialize<Whole>(JsonSerializer.Serialize(state, Json.Options), Json.Options),
                typeof(Whole)
            )
        );

    static JsonNode Node(Whole state) => JsonSerializer.SerializeToNode(state, Json.Options)!;

    static JsonNode? Apply(JsonNode? root, IReadOnlyList<StateChange> changes)
    {
        foreach (var change in changes)
            root = Apply(root, [.. change.Path.Split('/').Skip(1).Select(Unescaped)], change.After?.Json);
        return root;
    }

    static JsonNode? Apply(JsonNode? node, string[] path, JsonElement? after)
    {
        var value = after is { } json ? JsonSerializer.SerializeToNode(json) : null;
        if (path.Length == 0)
            return value;
        var at = node;
        foreach (var name in path[..^1])
            at = at is JsonArray list ? list[Index(name)] : at![name];
        switch (at, after)
        {
            case (JsonObject x, null):
                x.Remove(path[^1]);
                break;
            case (JsonObject x, _):
                x[path[^1]] = value;
                break;
            case (JsonArray x, null):
                x.RemoveAt(Index(path[^1]));
                break;
            case (JsonArray x, _) when Index(path[^1]) == x.Count:
                x.Add(value);
                break;
            case (JsonArray x, _):
                x[Index(path[^1])] = value;
                break;
        }
        return node;
    }

    static int Index(string name) => int.Parse(name, CultureInfo.InvariantCulture);

    static string Unescaped(string name) => name.Replace("~1", "/").Replace("~0", "~");
}
