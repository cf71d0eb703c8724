using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Cli.Client;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Messages;

/// <summary>All services are asked, and the id says which one is meant.</summary>
public sealed class MessageCommandTests
{
    const string Id = "healer:healer-task-failed~0198c0de-0000-7000-8000-000000000001";

    readonly List<string> posted = [];

    [Fact]
    public async Task List_shows_what_each_service_has_given_up_and_names_one_that_does_not_answer()
    {
        await using var gateway = await Gateway();
        var run = await CommandLine.Run("messages", "list", "--given-up", "--url", gateway.Url);
        Assert.Contains("TaskFailed", run.Out, StringComparison.Ordinal);
        Assert.Contains(Id, run.Out, StringComparison.Ordinal);
        Assert.EndsWith("and 6 more\n", run.Out, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.Unreachable, "webhooks: It may be restarting.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task One_message_goes_to_its_service()
    {
        await using var gateway = await Gateway();
        var run = await CommandLine.Run("messages", "retry", Id, "--url", gateway.Url);
        Assert.Equal((ExitCodes.Ok, "1 message retried.\n", ""), (run.ExitCode, run.Out, run.Error));
        Assert.Equal([$"/api/v2/messages/healer/{Id}/retry"], posted);
    }

    [Fact]
    public async Task All_go_to_every_service()
    {
        await using var gateway = await Gateway();
        var run = await CommandLine.Run("messages", "discard", "--all", "--url", gateway.Url);
        Assert.Equal((ExitCodes.Ok, "5 messages discarded.\n"), (run.ExitCode, run.Out));
        Assert.Equal(5, posted.Count);
    }

    [Theory]
    [InlineData("messages retry")]
    [InlineData("messages retry x --all")]
    public void Either_one_or_all_is_named(string line) => Assert.NotEmpty(CommandLine.Parse(line.Split(' ')).Errors);

    [Fact]
    public async Task What_is_no_id_is_a_wrong_command_line()
    {
        await using var gateway = await Gateway();
        var run = await CommandLine.Run("messages", "retry", "7", "--url", gateway.Url);
        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Empty(posted);
    }

    Task<FakeGateway> Gateway() =>
        FakeGateway.Start(app =>
        {
            app.MapGet(
                "/api/v2/messages/{service}",
                (string service) =>
                    service == "webhooks" ? Results.Problem("It may be restarting.", statusCode: 503)
                    : service != "healer" ? Results.Json(new { messages = Array.Empty<object>(), total = 0 })
                    : Results.Json(
                        new
                        {
                            messages = new[]
                            {
                                new
                                {
                                    id = Id,
                                    type = "TaskFailed",
                                    source = "healer-task-failed",
                                    at = DateTimeOffset.UnixEpoch,
                                    reason = "bug",
                                    excerpt = "{}",
                                },
                            },
                            total = 7,
                        }
                    )
            );
            app.MapPost(
                "/api/v2/messages/{**path}",
                (HttpContext context) =>
                {
                    posted.Add(context.Request.Path);
                    return new { count = 1 };
                }
            );
        });
}
