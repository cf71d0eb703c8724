using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Nightshift.Contracts;
using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Status;
using Nightshift.Scheduler.Status;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>A real small disk that fills up, and a scheduler that watches it.</summary>
[Collection("one broker, one queue")]
public sealed class DiskFullTests : IAsyncLifetime
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-runs-").FullName;
    readonly string disk = Directory.CreateTempSubdirectory("nightshift-disk-").FullName;

    string Filler => Path.Combine(disk, "filler");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk");
        await Shell("mount", "-t", "tmpfs", "-o", "size=16m", "none", disk);
    }

    public async ValueTask DisposeAsync()
    {
        if (Environment.IsPrivilegedProcess)
            await Shell("umount", disk);
        Directory.Delete(disk);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task No_run_starts_while_the_disk_is_full_and_those_asked_for_start_when_there_is_room_again()
    {
        using var infrastructure = await TestInfrastructure.Prepare("diskfull", Cancelled);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "a.yaml"),
            "dag: a\ntasks: { x: { noop: true, queue: nobody } }",
            Cancelled
        );
        await using var scheduler = await RunningScheduler.Start(
            infrastructure,
            folder,
            $"--Nightshift:Disk:Paths:0={disk}",
            "--Nightshift:Disk:StopBelowMiB=1"
        );
        await Eventually.Is(
            async token => (await scheduler.Http.GetAsync("/api/v2/dags/a", token)).IsSuccessStatusCode,
            "the DAG",
            Cancelled
        );
        await File.WriteAllBytesAsync(Filler, new byte[(15 << 20) + (512 << 10)], Cancelled);

        await Eventually.Is(
            async _ => (await Post(scheduler)).StatusCode is not HttpStatusCode.Created,
            "no room",
            Cancelled
        );
        var refused = await Post(scheduler);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal("disk_full", problem.GetProperty("code").GetString());
        Assert.Contains(
            $"free on the disk of {disk}",
            problem.GetProperty("detail").GetString(),
            StringComparison.Ordinal
        );
        await Eventually.Is(
            async token =>
                await scheduler.Read<ServiceStatus>("/internal/status", token) is { Ok: false } status
                && status.State.StartsWith("No new runs: only ", StringComparison.Ordinal),
            "the status to say that no runs start",
            Cancelled
        );

        await Push(scheduler, "push__a__1"); // accepted by the broker: waits, and is not lost
        File.Delete(Filler);

        await Eventually.Is(
            async token =>
                (await scheduler.Http.GetAsync("/api/v2/dags/a/dagRuns/push__a__1", token)).IsSuccessStatusCode,
            "the run of the push",
            Cancelled
        );
        Assert.Equal(HttpStatusCode.Created, (await Post(scheduler)).StatusCode);
        Assert.DoesNotContain(
            "No new runs",
            (await scheduler.Read<ServiceStatus>("/internal/status", Cancelled)).State,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(DiskLevel.Enough, "Healthy", true)]
    [InlineData(DiskLevel.Low, "Healthy; only 8 % free", true)]
    [InlineData(DiskLevel.Full, "No new runs: only 8 % free", false)]
    public void The_status_says_how_much_room_there_is(DiskLevel level, string state, bool ok) =>
        Assert.Equal((state, ok), SchedulerStatus.Of(new DiskVerdict(level, "8 % free")));

    static Task<HttpResponseMessage> Post(RunningService scheduler) =>
        scheduler.Http.PostAsJsonAsync(
            "/api/v2/dags/a/dagRuns",
            new { dag_run_id = $"k{Guid.NewGuid():N}" },
            Cancelled
        );

    static async Task Push(RunningService scheduler, string runId)
    {
        var queue = await scheduler
            .Get<IBus>()
            .GetSendEndpoint(scheduler.Get<Installation>().Address("scheduler-trigger-run"));
        await queue.Send(
            new TriggerRun(
                runId,
                "a",
                "push acme/site main",
                new Dictionary<string, string>(),
                DateTimeOffset.UnixEpoch
            ),
            Cancelled
        );
    }

    static async Task Shell(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.Equal(0, process.ExitCode);
    }
}
