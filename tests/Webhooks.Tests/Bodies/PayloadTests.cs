using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using Nightshift.Webhooks.Bodies;

namespace Nightshift.Webhooks.Tests.Bodies;

public sealed class PayloadTests
{
    [Theory]
    [InlineData("application/json", BodyForm.Json)]
    [InlineData("application/json; charset=utf-8", BodyForm.Json)]
    [InlineData("Application/JSON; charset=\"UTF-8\"", BodyForm.Json)]
    [InlineData("application/x-www-form-urlencoded", BodyForm.Form)]
    [InlineData("application/json; charset=latin1", null)]
    [InlineData("text/plain", null)]
    [InlineData("application", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_content_type_says_how_the_payload_is_wrapped(string? contentType, BodyForm? expected) =>
        Assert.Equal(expected, Body.FormOf(contentType));

    [Theory]
    [InlineData("payload=%7B%22a%22%3A+1%7D", "{\"a\": 1}")]
    [InlineData("payload=%7b%22a%22%3a%201%7d", "{\"a\": 1}")]
    [InlineData("other=1&pay%6Coad={}", "{}")]
    [InlineData("payload=", "")]
    [InlineData("payload", null)]
    [InlineData("other=1", null)]
    [InlineData("payload={}&payload={}", null)]
    [InlineData("payload=%7", null)]
    [InlineData("payload=%zz", null)]
    public void A_form_holds_exactly_one_payload(string form, string? expected) =>
        Assert.Equal(expected, Read(BodyForm.Form, Encoding.UTF8.GetBytes(form)));

    [Property]
    public bool Whatever_is_escaped_into_a_form_comes_out_again(string? payload)
    {
        var text = (payload ?? "").Replace("\uFEFF", "", StringComparison.Ordinal);
        if (text.Any(char.IsSurrogate) || text.Contains('\\', StringComparison.Ordinal))
            return true; // a lone surrogate is no text, and escapes have tests of their own
        return Read(BodyForm.Form, Encoding.UTF8.GetBytes($"payload={Uri.EscapeDataString(text)}")) == text;
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_payload() =>
        Assert.Equal("{}", Read(BodyForm.Json, [0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}']));

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_no_payload() =>
        Assert.Null(Read(BodyForm.Json, [(byte)'"', 0xFF, (byte)'"']));

    [Theory]
    // half a pair, in values and in names; a whole pair; what only looks like an escape
    [InlineData("""{"a":"x\ud83d"}""", """{"a":"x\ufffd"}""")]
    [InlineData("""{"a":"\uD83Dy"}""", """{"a":"\ufffdy"}""")]
    [InlineData("""{"\ud800":1}""", """{"\ufffd":1}""")]
    [InlineData("""{"a":"\ude00\ud83d"}""", """{"a":"\ufffd\ufffd"}""")]
    [InlineData("""{"a":"\ud83d\ud83d\ude00"}""", """{"a":"\ufffd\ud83d\ude00"}""")]
    [InlineData("""{"a":"\ud83d\u0041"}""", """{"a":"\ufffd\u0041"}""")]
    [InlineData("""{"a":"\u0000"}""", """{"a":"\ufffd"}""")]
    [InlineData("""{"a":"\ud83d\ude00\n\""}""", """{"a":"\ud83d\ude00\n\""}""")]
    [InlineData("""{"a":"\\ud800"}""", """{"a":"\\ud800"}""")]
    [InlineData("""{"a":"\\\ud800"}""", """{"a":"\\\ufffd"}""")]
    [InlineData("""{"a":"\ud8""", """{"a":"\ud8""")]
    [InlineData("\\", "\\")]
    public void An_escape_that_is_no_character_becomes_the_replacement_character(string json, string expected) =>
        Assert.Equal(expected, Read(BodyForm.Json, Encoding.UTF8.GetBytes(json)));

    [Property(MaxTest = 500)]
    public bool No_string_of_a_payload_throws(ushort[] units)
    {
        var escapes = string.Concat(units.Select(x => $"\\u{x:x4}"));
        using var blocks = new BodyBlocks();
        var payload = Payload.Read(
            BodyForm.Json,
            Encoding.UTF8.GetBytes($$"""{"{{escapes}}":"{{escapes}}"}"""),
            blocks
        );
        using var document = JsonDocument.Parse(payload!.Json);
        var member = document.RootElement.EnumerateObject().Single();
        return member.Name == member.Value.GetString() && !member.Name.Contains('\0', StringComparison.Ordinal);
    }

    static string? Read(BodyForm form, byte[] body)
    {
        using var blocks = new BodyBlocks();
        return Payload.Read(form, body, blocks) is { } payload ? Encoding.UTF8.GetString(payload.Json.Span) : null;
    }
}
