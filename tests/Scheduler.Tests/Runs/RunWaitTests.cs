using System.Net;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Waiting for a run's end, and reading what its tasks tried.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class RunWaitTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-wait-").FullName;

    [Fact]
    public async Task A_line_comes_in_each_interval_and_the_last_one_as_soon_as_the_run_has_ended()
    {
        using var infrastructure = await TestInfrastructure.Prepare("wait", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        var runs = scheduler.Get<StreamStore<Run>>();
        var dag = Plans.ExtractThenLoad with
        {
            Tasks = [.. Plans.ExtractThenLoad.Tasks.Select(x => x with { Queue = "nobody" })],
        };
        await runs.Transact(Plans.Id.Value, x => RunDecider.Decide(x, Plans.Start(dag)), Cancelled);
        using var answer = await scheduler.Http.GetAsync(
            $"/api/v2/dags/~/dagRuns/{Plans.Id}/wait?interval=0.1&result=extract",
            HttpCompletionOption.ResponseHeadersRead,
            Cancelled
        );
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.ToString());
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancelled));
        for (var i = 0; i < 3; i++)
            Assert.Equal("""{"state":"running"}""", await lines.ReadLineAsync(Cancelled));

        foreach (var task in (string[])["extract", "load"])
            await runs.Transact(Plans.Id.Value, x => RunDecider.Decide(x, Plans.Succeeded(task)), Cancelled);
        var rest = (await lines.ReadToEndAsync(Cancelled)).TrimEnd('\n').Split('\n');
        Assert.StartsWith("""{"state":"success","results":{"extract":{""", rest[^1], StringComparison.Ordinal);

        using var tries = await scheduler.Http.GetAsync(
            $"/api/v2/dags/~/dagRuns/{Plans.Id}/taskInstances/load/tries",
            Cancelled
        );
        Assert.Contains(
            "\"try_number\":1,\"state\":\"success\",",
            await tries.Content.ReadAsStringAsync(Cancelled),
            StringComparison.Ordinal
        );
        (string Path, HttpStatusCode Status)[] refused =
        [
            ("wait?interval=0", HttpStatusCode.UnprocessableEntity),
            ("wait?result=nosuch", HttpStatusCode.NotFound),
            ("taskInstances/load/tries/2", HttpStatusCode.NotFound),
            ("taskInstances/nosuch/tries", HttpStatusCode.NotFound),
        ];
        foreach (var (path, status) in refused)
            Assert.Equal(
                status,
                (await scheduler.Http.GetAsync($"/api/v2/dags/~/dagRuns/{Plans.Id}/{path}", Cancelled)).StatusCode
            );
    }
}
