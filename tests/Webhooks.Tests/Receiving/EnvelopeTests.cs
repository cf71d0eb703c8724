using System.Text;
using Nightshift.Webhooks.Bodies;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks.Tests.Receiving;

public sealed class EnvelopeTests
{
    static readonly Envelope Nothing = new(null, null, null, null);

    [Fact]
    public void The_few_fields_that_matter_are_found_wherever_they_stand() =>
        Assert.Equal(
            new Envelope("opened", "acme/site", "refs/heads/main", "ada"),
            Read(
                """{"sender":{"id":1,"login":"ada"},"x":[{"action":"inner"}],"action":"opened","repository":{"owner":{"full_name":"no"},"full_name":"acme/site"},"ref":"refs/heads/main"}"""
            )
        );

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"action":null,"repository":null,"ref":7,"sender":[1,{"login":"x"}]}""")]
    [InlineData("""{"action":{"deep":[1,2]},"repository":"acme/site"}""")]
    public void A_shape_nobody_expected_is_still_a_delivery(string json) => Assert.Equal(Nothing, Read(json));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"{}\"")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":1,}")]
    public void What_is_not_one_object_is_no_delivery(string json) => Assert.Null(Read(json));

    [Fact]
    public void Of_a_repeated_key_the_last_one_counts() =>
        Assert.Equal("closed", Read("""{"action":"opened","action":"closed"}""")?.Action);

    [Fact]
    public void A_NUL_is_replaced_because_the_database_cannot_hold_one() =>
        Assert.Equal("a\uFFFDb", Read("""{"action":"a\u0000b"}""")?.Action);

    [Fact]
    public void Nesting_without_end_is_refused_at_once() => Assert.Null(Read("{\"a\":" + new string('[', 100_000)));

    [Theory]
    [InlineData("""{"\ud800":1,"action":"opened"}""", "opened")]
    [InlineData("""{"action":"cut \ud83d"}""", "cut \uFFFD")]
    [InlineData("""{"\u0061ction":"opened"}""", "opened")]
    public void Half_a_surrogate_pair_is_a_character_like_any_other(string json, string action) =>
        Assert.Equal(action, Read(json)?.Action);

    static Envelope? Read(string json)
    {
        using var blocks = new BodyBlocks();
        return Envelope.Read(Payload.Read(BodyForm.Json, Encoding.UTF8.GetBytes(json), blocks)!);
    }
}
