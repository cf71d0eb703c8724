using Nightshift.Cli.Client;
using Nightshift.Cli.Tests.Client;
using Nightshift.Cli.Webhooks;

namespace Nightshift.Cli.Tests.Webhooks;

public sealed class WebhookCommandTests
{
    [Fact]
    public void A_delivery_is_signed_as_GitHubs_own_example_says()
    {
        var id = Guid.NewGuid();
        using var request = SignedDelivery.Create(
            new Uri("http://127.0.0.1:8787/"),
            "push",
            id,
            hook: 41,
            "Hello, World!"u8.ToArray(),
            "It's a Secret to Everybody"
        );
        Assert.Equal(
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            request.Headers.GetValues("X-Hub-Signature-256").Single()
        );
        Assert.Equal(
            (new Uri("http://127.0.0.1:8787/webhooks/github"), "push", id.ToString()),
            (
                request.RequestUri,
                request.Headers.GetValues("X-GitHub-Event").Single(),
                request.Headers.GetValues("X-GitHub-Delivery").Single()
            )
        );
    }

    [Theory]
    [InlineData("""{"deliveryId":"72d3162e"}""", "72d3162e")]
    [InlineData("""{"deliveryId":"72d3162e","replayOf":null}""", "72d3162e")]
    [InlineData(
        """{"deliveryId":"72d3162e","replayOf":"7.x"}""",
        "72d3162e is a replay and starts nothing: delivery 7.x had the same body"
    )]
    [InlineData("""{"detail":"no"}""", "no")]
    [InlineData("[]", "[]")]
    [InlineData("not JSON", "not JSON")]
    public void The_answer_says_what_came_of_it(string answer, string words) =>
        Assert.Equal(words, WebhookCommand.Words(answer));

    [Theory]
    [InlineData(202, ExitCodes.Ok)]
    [InlineData(401, ExitCodes.Failed)]
    public async Task The_exit_code_follows_the_answer(int status, int exitCode)
    {
        await using var gateway = await FakeGateway.Answering(status, """{"deliveryId":"72d3162e"}""");
        Assert.Equal(exitCode, (await Send(gateway.Url)).ExitCode);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", ExitCodes.Unreachable)]
    [InlineData("localhost:8787", ExitCodes.Usage)]
    public async Task A_gateway_that_is_not_there_or_cannot_be_is_told_as_by_every_command(string url, int exitCode) =>
        Assert.Equal(exitCode, (await Send(url)).ExitCode);

    static async Task<CommandLine> Send(string url)
    {
        var file = Path.GetTempFileName();
        try
        {
            return await CommandLine.Run(
                "webhook",
                "send",
                "--event",
                "push",
                "--file",
                file,
                "--secret-file",
                file,
                "--url",
                url
            );
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("""{"deliveryId":"72d3162e"}""", "72d3162e")]
    [InlineData("""{"status":401,"detail":"no","code":"signature"}""", "no")]
    [InlineData("<html>", "<html>")]
    [InlineData("[]", "[]")]
    public void An_answer_is_reduced_to_what_is_worth_reading(string answer, string expected) =>
        Assert.Equal(expected, WebhookCommand.Words(answer));
}
