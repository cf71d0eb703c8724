using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Nightshift.Contracts;

namespace Nightshift.Executor.Tests.Running;

[Collection("engine")]
public sealed class RunningLogsTests(SharedExecutor shared) : IClassFixture<SharedExecutor>, IAsyncLifetime
{
    RunningExecutor executor = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => executor = await shared.Get();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    static string Path(StartAttempt x) =>
        $"/api/v2/dags/{x.DagId}/dagRuns/{x.RunId}/taskInstances/{x.TaskId}/logs/{x.Attempt}";

    [Fact]
    public async Task A_log_is_text_or_JSON_as_asked()
    {
        var task = Tasks.Shell("echo one; echo two");
        await executor.Run(task);
        Assert.Equal("one\ntwo\n", await executor.Http.GetStringAsync(Path(task), Cancelled));
        using var request = new HttpRequestMessage(HttpMethod.Get, Path(task))
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") } },
        };
        using var answer = await executor.Http.SendAsync(request, Cancelled);
        var content = JsonDocument
            .Parse(await answer.Content.ReadAsStringAsync(Cancelled))
            .RootElement.GetProperty("content");
        Assert.Equal(["one", "two"], content.EnumerateArray().Select(x => x.GetProperty("event").GetString()));
    }

    [Fact]
    public async Task A_follower_waits_for_the_attempt_and_hears_each_line_until_the_end()
    {
        var task = Tasks.Shell("echo one; echo '::progress 40'; sleep 1; echo two");
        var following = executor.Http.GetStreamAsync(Path(task) + "?follow=true", Cancelled);
        await executor.Send(task);
        await using var stream = await following;
        var heard = new List<string>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(Cancelled))
        {
            heard.Add(
                item.EventType == "line"
                    ? JsonDocument.Parse(item.Data).RootElement.GetProperty("text").GetString()!
                    : item.EventType
            );
            if (item.EventType == "end")
                break;
        }
        Assert.Equal(["one", "::progress 40", "progress", "two", "end"], heard);
    }

    [Fact]
    public async Task An_attempt_nobody_asked_for_has_no_log()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await executor.Http.GetAsync(Path(Tasks.Noop()), Cancelled)).StatusCode);
    }

    [Fact]
    public async Task The_executor_is_ready_and_says_since_when_it_runs()
    {
        Assert.Equal(HttpStatusCode.OK, (await executor.Http.GetAsync("/readyz", Cancelled)).StatusCode);
        Assert.Contains(
            "Running (",
            await executor.Http.GetStringAsync("/internal/status", Cancelled),
            StringComparison.Ordinal
        );
    }
}
