using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Tests.Containers;

/// <summary>Which failed starts are tried again. The texts are those of an engine of version 20.10.</summary>
public sealed class EngineStartTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // what the engine says │ how often it is asked
    [Theory]
    [InlineData("OCI runtime create failed: exec: \"nosuch\": executable file not found in $PATH: unknown", 1)]
    [InlineData("task 7ae3d473 already exists: unknown", 1)]
    [InlineData("failed to start shim: mkdir /run/moby/7ae3d473: file exists: unknown", 1)]
    [InlineData("id already in use", 1)]
    [InlineData("transport is closing: unavailable", 2)]
    [InlineData("connection error: desc = \"transport: Error while dialing dial unix\": unavailable", 2)]
    public async Task Only_a_containerd_that_is_away_is_waited_for(string message, int asked)
    {
        var starts = 0;
        await using var server = await Serve(() =>
            ++starts == 1
                ? Results.Json(new { message }, statusCode: StatusCodes.Status500InternalServerError)
                : Results.NoContent()
        );
        using var engine = EngineSetup.Connect(server.Urls.Single().Replace("http:", "tcp:"), TimeProvider.System);
        if (asked == 1)
            Assert.Contains(
                message,
                (await Assert.ThrowsAsync<EngineException>(() => engine.Start("7ae3d473", Cancelled))).Message,
                StringComparison.Ordinal
            );
        else
            await engine.Start("7ae3d473", Cancelled);
        Assert.Equal(asked, starts);
    }

    static async Task<WebApplication> Serve(Func<IResult> start)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/{version}/containers/{id}/start", start);
        app.MapPost("/containers/{id}/start", start);
        await app.StartAsync(Cancelled);
        return app;
    }
}
