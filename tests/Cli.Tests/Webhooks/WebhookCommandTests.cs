using Nightshift.Cli.Webhooks;

namespace Nightshift.Cli.Tests.Webhooks;

public sealed class WebhookCommandTests
{
    [Fact]
    public void A_delivery_is_signed_as_GitHubs_own_example_says()
    {
        var id = Guid.NewGuid();
        using var request = SignedDelivery.Create(new Uri("http://127.0.0.1:8787/"), "push", id, "Hello, World!"u8.ToArray(), "It's a Secret to Everybody");
        Assert.Equal("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", request.Headers.GetValues("X-Hub-Signature-256").Single());
        Assert.Equal((new Uri("http://127.0.0.1:8787/webhooks/github"), "push", id.ToString()),
            (request.RequestUri, request.Headers.GetValues("X-GitHub-Event").Single(), request.Headers.GetValues("X-GitHub-Delivery").Single()));
    }

    [Theory]
    [InlineData("""{"deliveryId":"72d3162e"}""", "72d3162e")]
    [InlineData("""{"status":401,"detail":"no","code":"signature"}""", "no")]
    [InlineData("<html>", "<html>")]
    [InlineData("[]", "[]")]
    public void An_answer_is_reduced_to_what_is_worth_reading(string answer, string expected) => Assert.Equal(expected, WebhookCommand.Words(answer));
}
