using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Containers;

/// <summary>How a container's end came about.</summary>
/// <param name="TimedOut">It was still at work when its time was up.</param>
/// <param name="EngineLeft">The engine went away while it ran. One that comes back stops what it finds
/// running.</param>
/// <param name="Witnessed">The engine was there at its end, and so took all that it printed.</param>
public sealed record ContainerExit(bool TimedOut, bool EngineLeft, bool Witnessed)
{
    /// <summary>It could not be started, and so printed nothing.</summary>
    public static readonly ContainerExit NeverRan = new(TimedOut: false, EngineLeft: false, Witnessed: true);
}

/// <summary>Waits for containers to end, within their time and through absences of the engine.</summary>
public sealed class ContainerWait(IContainerEngine engine, EngineGate gate, TimeProvider clock)
{
    /// <summary>Timers count in 32 bits of milliseconds; a longer timeout is as good as none.</summary>
    static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(24);

    /// <summary>How often the engine is asked whether a running container has processes. A safety net.</summary>
    public static readonly TimeSpan CheckPeriod = TimeSpan.FromSeconds(4);

    /// <summary>
    /// How long the engine gets to report the end of a container that has no processes any more. At a usual end the
    /// processes go some milliseconds before.
    /// </summary>
    public static readonly TimeSpan EndIsReportedWithin = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Returns when the container has ended, or was stopped because its time was up. The time counts from its start.
    /// </summary>
    public async Task<ContainerExit> Exit(
        Launched container,
        DateTimeOffset startedAt,
        AttemptSpec spec,
        CancellationToken cancellationToken
    )
    {
        using var limit = new CancellationTokenSource(Left(startedAt, spec), clock);
        for (
            var (seenRunning, engineLeft) = (container.SeenRunning, false);
            ;
            (seenRunning, engineLeft) = (false, true)
        )
            try
            {
                // An engine that answers a wait it took while the container ran was there all along.
                seenRunning =
                    seenRunning
                    || await engine.Inspect(container.Id, cancellationToken) is { State: "running" or "paused" };
                switch (await Wait(container.Id, limit.Token, cancellationToken))
                {
                    case Waited.Forgotten:
                        // so that the engine notices, and closes the log
                        await engine.Stop(container.Id, SealedContainer.StopGrace, cancellationToken);
                        return new(TimedOut: false, EngineLeft: true, Witnessed: false);
                    case var waited:
                        return new(
                            TimedOut: waited == Waited.TimeIsUp
                                && await Overruns(container.Id, spec, cancellationToken),
                            engineLeft,
                            seenRunning || await SawEnd(container.Id, cancellationToken)
                        );
                }
            }
            // An engine that goes away takes no container with it: it is waited for.
            catch (EngineException e) when (e.Unreachable)
            {
                gate.ReportUnreachable(e.Message);
                await gate.Usable(cancellationToken);
            }
    }

    TimeSpan Left(DateTimeOffset startedAt, AttemptSpec spec)
    {
        var left = startedAt + TimeSpan.FromSeconds(spec.TimeoutSeconds) - clock.GetUtcNow();
        return left <= TimeSpan.Zero ? TimeSpan.Zero
            : left > LongestTimeout ? LongestTimeout
            : left;
    }

    enum Waited
    {
        Ended,
        TimeIsUp,
        Forgotten,
    }

    async Task<Waited> Wait(string container, CancellationToken limit, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit, cancellationToken);
        try
        {
            var exit = engine.WaitForExit(container, either.Token);
            var forgotten = Forgotten(container, either.Token);
            var first = await Task.WhenAny(exit, forgotten);
            await first;
            return first == exit ? Waited.Ended : Waited.Forgotten;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Waited.TimeIsUp;
        }
        finally
        {
            await either.CancelAsync(); // the other of the two
        }
    }

    // An engine whose containerd was killed can miss a container's end and call it running for ever.
    async Task Forgotten(string container, CancellationToken cancellationToken)
    {
        for (var absent = 0; absent < 2; )
        {
            await Task.Delay(absent == 0 ? CheckPeriod : EndIsReportedWithin, clock, cancellationToken);
            absent = await engine.HasProcesses(container, cancellationToken) ? 0 : absent + 1;
        }
    }

    // Its time is up; but it may have ended within it while nobody watched.
    async Task<bool> Overruns(string container, AttemptSpec spec, CancellationToken cancellationToken)
    {
        if (await engine.Inspect(container, cancellationToken) is { State: "exited" or "dead" } ended)
            return ContainerEnding.Overran(ended, spec);
        await engine.Stop(container, SealedContainer.StopGrace, cancellationToken);
        return true;
    }

    // It ended while this executor did not look. What an engine that was killed did not see end may have printed into
    // the void.
    async Task<bool> SawEnd(string container, CancellationToken cancellationToken) =>
        await engine.Inspect(container, cancellationToken) is { FinishedAt: { } at }
        && await engine.SawEnd(container, at, cancellationToken);
}
