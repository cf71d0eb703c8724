using System.Text.Json;
using FsCheck.Xunit;
using Nightshift.Cli.Replay;

namespace Nightshift.Cli.Tests.Replay;

public sealed class StateDiffTests
{
    static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", "")]
    [InlineData("""{"a":1}""", """{"a":2}""", "~ a: 1 -> 2")]
    [InlineData("""{"a":1}""", """{"a":1,"b":"x"}""", "+ b: \"x\"")]
    [InlineData("""{"a":1,"b":null}""", """{"a":1}""", "- b: null")]
    [InlineData(
        """{"tasks":{"e":{"state":"None"},"l":{"state":"None"}}}""",
        """{"tasks":{"e":{"state":"Queued"},"l":{"state":"None"}}}""",
        "~ tasks.e.state: \"None\" -> \"Queued\""
    )]
    [InlineData("""{"a":[1,2]}""", """{"a":[1,3,4]}""", "~ a[1]: 2 -> 3|+ a[2]: 4")]
    [InlineData("""{"a":[1,2]}""", """{"a":[]}""", "- a[0]: 1|- a[1]: 2")]
    [InlineData("""{"a":{"b":1}}""", """{"a":[1]}""", """~ a: {"b":1} -> [1]""")]
    [InlineData("""{"a":null}""", """{"a":{"b":1}}""", """~ a: null -> {"b":1}""")]
    public void Only_what_changed_is_shown_leaf_by_leaf(string before, string after, string changes) =>
        Assert.Equal(changes, string.Join('|', StateDiff.Of(Json(before), Json(after))));

    [Property]
    public bool Equal_states_have_no_changes_and_different_ones_have_some(int[] before, int[] after)
    {
        var (old, now) = (
            JsonSerializer.SerializeToElement(new { x = before }),
            JsonSerializer.SerializeToElement(new { x = after })
        );
        return StateDiff.Of(old, now).Any() != before.SequenceEqual(after);
    }
}
