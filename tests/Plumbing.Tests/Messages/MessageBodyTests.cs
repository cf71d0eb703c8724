using System.Text;
using FsCheck.Xunit;
using Nightshift.Plumbing.Messages;

namespace Nightshift.Plumbing.Tests.Messages;

/// <summary>What a person may see of a message that could not be handled.</summary>
public sealed class MessageBodyTests
{
    static MessageBody Read(string json) => MessageBody.Read(Encoding.UTF8.GetBytes(json));

    [Theory]
    [InlineData("""{"messageType":["urn:message:Nightshift.Contracts:StartAttempt"],"message":{}}""", "StartAttempt")]
    [InlineData("""{"messageType":[],"message":{}}""", "message of no type")]
    [InlineData("""{"messageType":["a\u202eb\u001b[2J"]}""", "a b [2J")]
    [InlineData("""{"messageType":["\ud83d"]}""", "unreadable message")]
    [InlineData("[1]", "message of no type")]
    [InlineData("no json", "unreadable message")]
    public void The_type_is_what_the_envelope_says(string json, string type) => Assert.Equal(type, Read(json).Type);

    [Theory]
    [InlineData("""{"env":{"A":"s3cret","B":["s3cret",7]},"n":1}""", """{"env":{"A":"***","B":["***","***"]},"n":1}""")]
    [InlineData("""{"apiToken":"s3cret","run":"r"}""", """{"apiToken":"***","run":"r"}""")]
    [InlineData("""{"spec":{"Password":5,"image":null}}""", """{"spec":{"Password":"***","image":null}}""")]
    [InlineData("""{"text":"ö\u202e"}""", """{"text":"\u00F6\u202E"}""")]
    public void The_excerpt_masks_what_may_be_secret_and_is_plain_ASCII(string message, string excerpt) =>
        Assert.Equal(excerpt, Read("{\"message\":" + message + "}").Excerpt);

    [Fact]
    public void The_excerpt_is_bounded()
    {
        var excerpt = Read("{\"message\":\"" + new string('x', 100_000) + "\"}").Excerpt;
        Assert.Equal(MessageBody.MaxExcerpt, excerpt.Length);
        Assert.Equal("message too large to show", MessageBody.Read(new byte[(1 << 20) + 1]).Type);
    }

    [Property]
    public void No_bytes_make_it_throw(byte[] bytes) => Assert.NotNull(MessageBody.Read(bytes));

    [Property]
    public void No_text_in_a_message_makes_it_throw(string type, string text) =>
        Assert.NotNull(Read("{\"messageType\":[\"" + Encode(type) + "\"],\"message\":[\"" + Encode(text) + "\"]}"));

    // Every UTF-16 unit on its own, so that half a surrogate pair stays one.
    static string Encode(string? text) => string.Concat((text ?? "").Select(x => $"\\u{(int)x:x4}"));
}
