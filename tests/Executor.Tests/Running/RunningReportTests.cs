using System.Threading.Channels;
using MassTransit;
using Nightshift.Executor.Attempts;
using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

/// <summary>What runs is reported again, for a scheduler whose command to stop it was lost.</summary>
[Collection("engine")]
public sealed class RunningReportTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_attempt_that_runs_is_reported_again_and_one_that_is_over_is_not()
    {
        using var infrastructure = await TestInfrastructure.Prepare("reports", Cancelled);
        var heard = Channel.CreateUnbounded<string>();
        var scheduler = infrastructure.Bus(bus =>
            bus.ReceiveEndpoint(
                $"reports-heard-{Guid.NewGuid():N}",
                x =>
                {
                    x.AutoDelete = true;
                    x.Handler<Contracts.AttemptStarted>(m => heard.Writer.WriteAsync(m.Message.AttemptId).AsTask());
                }
            )
        );
        await scheduler.StartAsync(Cancelled);
        await using var executor = await RunningExecutor.Start(infrastructure);
        var (stopped, other) = (Tasks.Shell("sleep 600", timeoutSeconds: 900), Tasks.Shell("sleep 600"));
        await executor.Send(stopped);
        Assert.Equal(stopped.AttemptId, await heard.Reader.ReadAsync(Cancelled));

        await executor.Get<RunningAttemptReports>().Report(Cancelled);
        Assert.Equal(stopped.AttemptId, await heard.Reader.ReadAsync(Cancelled));

        await executor.Stop(stopped);
        Assert.Equal(Reasons.Stopped, (await executor.Finished(stopped.AttemptId)).Reason);
        await executor.Get<RunningAttemptReports>().Report(Cancelled);
        await executor.Send(other);
        Assert.Equal(other.AttemptId, await heard.Reader.ReadAsync(Cancelled)); // and nothing before it
        await executor.Stop(other);
        await executor.Finished(other.AttemptId);
        await scheduler.StopAsync(Cancelled);
    }
}
