using Nightshift.Webhooks.Matching;

namespace Nightshift.Webhooks.Tests.Matching;

public sealed class PayloadShapeTests
{
    static readonly PayloadShape Shape = new();

    [Fact]
    public async Task A_payload_GitHubs_models_know_has_a_known_shape() =>
        Assert.Null(
            await Shape.Complaint(
                "push",
                Vectors.Body("payloads/push/default.json"),
                TestContext.Current.CancellationToken
            )
        );

    [Theory]
    [InlineData("push", "{}")]
    [InlineData("brand_new_event", "{}")]
    [InlineData("issues", """{"action":"future_action"}""")]
    public async Task Anything_else_has_not(string name, string json) =>
        Assert.NotNull(
            await Shape.Complaint(name, System.Text.Encoding.UTF8.GetBytes(json), TestContext.Current.CancellationToken)
        );
}
