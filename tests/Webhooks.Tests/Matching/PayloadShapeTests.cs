using Nightshift.Webhooks.Bodies;
using Nightshift.Webhooks.Matching;

namespace Nightshift.Webhooks.Tests.Matching;

public sealed class PayloadShapeTests
{
    static readonly PayloadShape Shape = new();

    [Fact]
    public async Task A_payload_GitHubs_models_know_has_a_known_shape() =>
        Assert.Null(await FirstMismatch("push", Vectors.Body("payloads/push/default.json")));

    [Theory]
    [InlineData("push", "{}")]
    [InlineData("brand_new_event", "{}")]
    [InlineData("issues", """{"action":"future_action"}""")]
    public async Task Anything_else_has_not(string name, string json) =>
        Assert.NotNull(await FirstMismatch(name, System.Text.Encoding.UTF8.GetBytes(json)));

    static async Task<string?> FirstMismatch(string name, byte[] json)
    {
        using var blocks = new BodyBlocks();
        var payload = Payload.Read(BodyForm.Json, json, blocks)!;
        return await Shape.FirstMismatch(name, payload, TestContext.Current.CancellationToken);
    }
}
