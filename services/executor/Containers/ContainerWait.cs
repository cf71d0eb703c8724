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
                var ended = await Ends(container.Id, limit.Token, cancellationToken);
                return new(
                    TimedOut: !ended && await Overruns(container.Id, spec, cancellationToken),
                    engineLeft,
                    seenRunning || await SawEnd(container.Id, cancellationToken)
                );
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

    /// <returns>False when its time was up first, or was up before anybody waited.</returns>
    async Task<bool> Ends(string container, CancellationToken limit, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit, cancellationToken);
        try
        {
            await engine.WaitForExit(container, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
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
