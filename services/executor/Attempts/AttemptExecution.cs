using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Logs;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// Takes one accepted attempt to its end. Every step is safe to repeat, so an attempt that was left half-way, by this
/// process or another, is simply run again: its container is found by name, its log is read on, its ending is recorded
/// once.
/// </summary>
public sealed class AttemptExecution(
    StreamStore<Attempt> attempts,
    IContainerEngine engine,
    ContainerLauncher launcher,
    TaskSecrets secrets,
    LogCollector logs,
    AttemptLogTable table,
    LogSignals signals,
    ILogger<AttemptExecution> log,
    TimeProvider clock
)
{
    /// <summary>Timers count in 32 bits of milliseconds; a longer timeout is as good as none.</summary>
    static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(24);

    /// <summary>Runs an attempt; nothing happens when it is over.</summary>
    /// <exception cref="EngineException">The engine stays away; the attempt is as open as it was.</exception>
    public async Task Run(string attemptId, CancellationToken cancellationToken)
    {
        var (attempt, _) = await attempts.Load(attemptId, cancellationToken);
        if (attempt is not { Key: { } key, Spec: { } spec })
            return;
        using var scope = log.BeginScope(
            new Dictionary<string, object>
            {
                ["run"] = key.RunId,
                ["task"] = key.TaskId,
                ["attempt"] = key.AttemptId,
            }
        );
        if (attempt.Phase != AttemptPhase.Finished)
            await Finish(key, await End(attempt, key, spec, cancellationToken), cancellationToken);
        await TidyUp(key, cancellationToken);
    }

    /// <summary>
    /// Ends an attempt whose engine no executor serves, once its own time is up: until then one may come back and find
    /// its container at work, or done.
    /// </summary>
    public async Task GiveUp(OpenAttempt open, CancellationToken cancellationToken)
    {
        var (attempt, _) = await attempts.Load(open.AttemptId, cancellationToken);
        if (
            attempt is { Key: { } key, Spec: { } spec }
            && open.AcceptedAt + TimeSpan.FromSeconds(spec.TimeoutSeconds) <= clock.GetUtcNow()
        )
            await Finish(
                key,
                Ending.Of(Reasons.Engine, $"Its time is up, and no executor serves its engine {open.Engine} any more"),
                cancellationToken
            );
    }

    async Task<Ending> End(Attempt attempt, AttemptKey key, AttemptSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            var environment = await secrets.Fill(spec.Env, cancellationToken);
            var container =
                attempt.Phase == AttemptPhase.Running
                    ? await launcher.Adopt(key, cancellationToken)
                    : await launcher.Launch(key, spec, environment, cancellationToken);
            return container.StartedAt is { } startedAt
                ? await Follow(key, spec, container, startedAt, new Masker(environment.Secrets), cancellationToken)
                : ContainerEnding.Judge(
                    await engine.Inspect(container.Id, cancellationToken),
                    timedOut: false,
                    engineLeft: false,
                    spec,
                    TaskMessages.Nothing
                );
        }
        catch (TaskCannotRunException e)
        {
            return Ending.Of(e.Reason, e.Message);
        }
        catch (EngineException e) when (!e.Unreachable)
        {
            return Ending.Of(Reasons.Engine, e.Message);
        }
    }

    async Task<Ending> Follow(
        AttemptKey key,
        AttemptSpec spec,
        Launched launched,
        DateTimeOffset startedAt,
        Masker mask,
        CancellationToken cancellationToken
    )
    {
        var container = launched.Id;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var began = attempts.Transact(
            key.AttemptId,
            x => AttemptDecider.Decide(x, new BeginAttempt(container, startedAt, launched.ImageDigest)),
            cancellationToken
        );
        var exit = Exit(container, startedAt, spec, cancellationToken);
        var collecting = logs.Collect(key.AttemptId, container, mask, exit, end.Token);
        try
        {
            var (timedOut, engineLeft) = await exit;
            var facts = await engine.Inspect(container, cancellationToken);
            await began;
            return ContainerEnding.Judge(facts, timedOut, engineLeft, spec, (await collecting).TaskMessages);
        }
        finally
        {
            await end.CancelAsync();
            // either awaited above, or given up with the rest
            await ((Task)collecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // An engine that goes away takes no container with it: it is waited for.
    async Task<(bool TimedOut, bool EngineLeft)> Exit(
        string container,
        DateTimeOffset startedAt,
        AttemptSpec spec,
        CancellationToken cancellationToken
    )
    {
        var left = startedAt + TimeSpan.FromSeconds(spec.TimeoutSeconds) - clock.GetUtcNow();
        using var limit = new CancellationTokenSource(
            left <= TimeSpan.Zero ? TimeSpan.Zero
                : left > LongestTimeout ? LongestTimeout
                : left,
            clock
        );
        for (var engineLeft = false; ; engineLeft = true)
        {
            try
            {
                return (
                    !await Ends(container, limit.Token, cancellationToken)
                        && await Overruns(container, spec, cancellationToken),
                    engineLeft
                );
            }
            catch (EngineException e) when (e.Unreachable)
            {
                await Task.Delay(EngineGate.ProbePeriod, clock, cancellationToken);
            }
        }
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

    async Task Finish(AttemptKey key, Ending ending, CancellationToken cancellationToken)
    {
        if (ending.Reason is not (Reasons.Completed or Reasons.Exit))
            await table.AppendRemark(key.AttemptId, ending.Detail, clock.GetUtcNow(), cancellationToken);
        var finish = new FinishAttempt(ending, clock.GetUtcNow());
        await attempts.Transact(
            key.AttemptId,
            x => AttemptDecider.Decide(x, finish),
            cancellationToken,
            session => OpenAttempts.Close(session, key.AttemptId)
        );
        signals.Signal(key.AttemptId);
        Log.AttemptEnded(log, ending.Reason, ending.ExitCode, ending.Detail);
    }

    async Task TidyUp(AttemptKey key, CancellationToken cancellationToken)
    {
        try
        {
            await engine.Remove(ContainerName.Of(key.AttemptId), cancellationToken);
        }
        catch (EngineException e) when (!e.Unreachable) // the next look at what is left over tries again
        {
            Log.ContainerLeft(log, e);
        }
    }
}
