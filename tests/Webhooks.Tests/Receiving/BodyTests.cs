using System.Text;
using FsCheck.Xunit;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks.Tests.Receiving;

public sealed class BodyTests
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
        Assert.Equal(
            expected,
            Body.Unwrap(BodyForm.Form, Encoding.UTF8.GetBytes(form)) is { } json
                ? Encoding.UTF8.GetString(json.Span)
                : null
        );

    [Property]
    public bool Whatever_is_escaped_into_a_form_comes_out_again(string? payload)
    {
        var text = (payload ?? "").Replace("\uFEFF", "", StringComparison.Ordinal);
        if (!text.IsNormalized() && text.Any(char.IsSurrogate))
            return true; // a lone surrogate is no text
        return Body.Unwrap(BodyForm.Form, Encoding.UTF8.GetBytes($"payload={Uri.EscapeDataString(text)}")) is { } json
            && json.Span.SequenceEqual(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_payload() =>
        Assert.Equal(
            "{}"u8.ToArray(),
            Body.Unwrap(BodyForm.Json, [0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}'])!.Value.ToArray()
        );

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_no_payload() =>
        Assert.Null(Body.Unwrap(BodyForm.Json, [(byte)'"', 0xFF, (byte)'"']));
}
