using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Nightshift.Contracts;
using Nightshift.Executor.Logs;
using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

[Collection("engine")]
public sealed class RunningLogsTests(SharedExecutor shared) : IClassFixture<SharedExecutor>, IAsyncLifetime
{
    RunningExecutor executor = null!;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => executor = await shared.Get();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    static string Path(StartAttempt x) =>
        $"/api/v2/dags/{x.DagId}/dagRuns/{x.RunId}/taskInstances/{x.TaskId}/logs/{x.Attempt}";

    [Fact]
    public void Each_endpoint_asks_for_its_role() =>
        EndpointPolicies.Verify(
            executor.Service,
            "executor",
            "GET /api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances/{taskId}/logs/{tryNumber:int:min(1)} Viewer"
        );

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

    // Its id has brackets: in the name and the labels of its container, in addresses, and in streams.
    [Fact]
    public async Task An_instance_of_a_mapped_task_runs_and_its_log_is_found_by_its_index()
    {
        var plain = Tasks.Shell("echo \"$ITEM\"", env: new() { ["ITEM"] = "north" });
        var task = plain with
        {
            TaskId = TaskInstanceId.Of("load", 12),
            AttemptId = AttemptId.Of(plain.RunId, "load[12]", 1),
        };
        await executor.Run(task);
        var tasks = $"/api/v2/dags/{task.DagId}/dagRuns/{task.RunId}/taskInstances";
        foreach (var path in new[] { "load%5B12%5D/logs/1", "load/logs/1?map_index=12" })
            Assert.Equal("north\n", await executor.Http.GetStringAsync($"{tasks}/{path}", Cancelled));
        using var another = await executor.Http.GetAsync($"{tasks}/load/logs/1?map_index=1", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, another.StatusCode);
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
    public async Task A_log_is_read_in_pages()
    {
        var task = Tasks.Shell("for i in 1 2 3 4 5; do echo $i; done");
        await executor.Run(task);
        Assert.Equal("3\n4\n", await executor.Http.GetStringAsync(Path(task) + "?after=2&limit=2", Cancelled));
        Assert.Equal("", await executor.Http.GetStringAsync(Path(task) + "?after=5", Cancelled));
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await executor.Http.GetAsync(Path(task) + "?limit=0", Cancelled)).StatusCode
        );
    }

    // 24 MB, more than a log keeps
    [Fact]
    public async Task Of_a_log_over_the_limit_the_beginning_and_the_end_are_kept_with_one_mark()
    {
        const int last = 300_000;
        var task = Tasks.Shell($"{Long(last)}; echo '::output last={last}'");
        var ending = await executor.Run(task, Patience);
        Assert.Equal($"{last}", ending.Outputs["last"]);
        var lines = (await executor.Log(task.AttemptId)).ToList();
        var mark = Assert.Single(lines, x => x.Stream == LogLine.Ours);
        var numbers = lines.Where(x => x.Text[0] != ':' && x != mark).Select(Number).ToList();
        Assert.Equal((1, last), (numbers[0], numbers[^1]));
        var gap = Assert.Single(numbers.Zip(numbers.Skip(1)), x => x.Second != x.First + 1);
        Assert.StartsWith($"{gap.Second - gap.First - 1} lines (", mark.Text, StringComparison.Ordinal);
        Assert.InRange(lines.Sum(x => (long)StoredChunk.SizeOf(x)), LogWindow.Most - 128 * 1024, LogWindow.Most);
    }

    // 16 MB, just below what a log keeps; the engine has it as 30 MB
    [Fact]
    public async Task A_log_within_the_limit_is_whole()
    {
        const int last = 200_000;
        var task = Tasks.Shell(Long(last));
        await executor.Run(task, Patience);
        var expected = 0;
        await foreach (var line in executor.Get<LogReader>().Read(task.AttemptId, Cancelled))
            Assert.Equal(++expected, Number(line));
        Assert.Equal(last, expected);
    }

    // Numbered lines of 80 bytes.
    static string Long(int last) => $"seq -f '%06.0f {new string('x', 72)}' 1 {last}";

    static int Number(LogLine line) => int.Parse(line.Text[..6], CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_long_line_of_emoji_is_cut_between_them_also_when_a_secret_is_set()
    {
        await shared.TestInfrastructure!.Secret("emoji-token", "a secret");
        var task = Tasks.Shell(
            "i=0; while [ $i -lt 4200 ]; do printf '😀😀😀😀'; i=$((i+1)); done; echo; echo next",
            env: new() { ["TOKEN"] = "secret:emoji-token" }
        );
        var ending = await executor.Run(task);
        Assert.True(ending.Succeeded, ending.ToString());
        var lines = await executor.Text(task.AttemptId, "stdout");
        Assert.Equal("next", lines[1]);
        Assert.Matches("^(😀)+ … \\(line cut\\)$", lines[0]);
    }

    [Fact]
    public async Task Progress_bars_and_a_last_line_without_an_end_are_readable()
    {
        var task = Tasks.Shell("printf '10 %%\\r50 %%\\r100 %%\\nfirst\\n::output v=last'");
        var ending = await executor.Run(task);
        Assert.Equal(["100 %", "first", "::output v=last"], await executor.Text(task.AttemptId, "stdout"));
        Assert.Equal("last", ending.Outputs["v"]);
    }

    // Each line is stored when it comes, and all of them become one row.
    [Fact]
    public async Task Lines_of_a_slow_task_become_one_row()
    {
        var task = Tasks.Shell("for i in 1 2 3; do echo $i; sleep 0.5; done");
        await executor.Send(task);
        var lines = new List<string>();
        await foreach (var line in executor.Get<LogReader>().Follow(task.AttemptId, Cancelled))
            lines.Add(line.Text);
        Assert.Equal(["1", "2", "3"], lines);
        var chunks = executor.Get<AttemptLogTable>().Read(task.AttemptId, after: 0, Cancelled);
        Assert.Single(await chunks.ToListAsync(Cancelled));
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
