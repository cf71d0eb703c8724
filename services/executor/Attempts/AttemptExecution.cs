using System.Collections.Immutable;
using System.Security.Cryptography;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Logs;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// Takes one granted attempt to its end. Every step is safe to repeat, so an attempt that was left half-way, by this
/// process or another, is simply run again: its container is found by name, its log is read on, its ending is recorded
/// once.
/// </summary>
public sealed class AttemptExecution(
    AttemptStore attempts,
    IContainerEngine engine,
    ContainerLauncher launcher,
    ContainerWait containers,
    TaskSecrets secrets,
    SealedSecrets sealedSecrets,
    StreamValueTable storedValues,
    LogCollector logs,
    AttemptLogTable table,
    LogSignals signals,
    Installation installation,
    ILogger<AttemptExecution> log,
    TimeProvider clock
)
{
    /// <summary>Runs an attempt under a grant; nothing happens when it is over, or granted to another.</summary>
    /// <param name="attemptId">Which.</param>
    /// <param name="grant">Number of the grant.</param>
    /// <param name="fenced">Cancelled when the grant is not the latest any more. What is being recorded then is
    /// recorded: the decider knows better.</param>
    /// <param name="cancellationToken">Ends the work of this process; the container goes on.</param>
    /// <exception cref="EngineException">The engine stays away; the attempt is as open as it was.</exception>
    /// <exception cref="EngineRefusedException">Likewise: the engine would not confine its container.</exception>
    public async Task Run(string attemptId, int grant, CancellationToken fenced, CancellationToken cancellationToken)
    {
        var attempt = await attempts.Load(attemptId, cancellationToken);
        if (attempt is not { Key: { } key, Spec: { } spec } || attempt.Grant.Number != grant)
            return;
        using var scope = Scope(key);
        if (attempt.Phase != AttemptPhase.Finished)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(fenced, cancellationToken);
            if (await End(attempt, key, spec, either.Token) is not { } ending)
                return;
            await Finish(key, grant, ending, cancellationToken);
        }
        await RemoveContainer(key, cancellationToken);
    }

    /// <summary>Gives back an attempt that has not begun, because the engine cannot be used.</summary>
    /// <returns>False when it has begun and so stays here.</returns>
    public async Task<bool> GiveBack(string attemptId, int grant, string why, CancellationToken cancellationToken)
    {
        var revoke = new RevokeGrant(grant, why, clock.GetUtcNow());
        var (attempt, _, _) = await attempts.Transact(
            attemptId,
            x => AttemptDecider.Decide(x, revoke),
            cancellationToken
        );
        return attempt.Phase == AttemptPhase.Accepted || attempt.Grant.Number != grant;
    }

    /// <summary>
    /// Leaves an attempt that was taken from this executor, or stopped. Its container goes, unless another executor of
    /// this engine follows it now.
    /// </summary>
    public async Task Abandon(string attemptId, string engineId, CancellationToken cancellationToken)
    {
        var attempt = await attempts.Load(attemptId, cancellationToken);
        if (attempt.Key is not { } key)
            return;
        using var scope = Scope(key);
        if (attempt.Ending is { Reason: Reasons.Stopped })
            await StopContainer(key, cancellationToken);
        else
            Log.AttemptAbandoned(log, attempt.Grant.ExecutorId);
        if (!attempt.BelongsTo(engineId))
            await RemoveContainer(key, cancellationToken);
    }

    /// <summary>Ends an attempt that this executor cannot get on with.</summary>
    public async Task GiveUp(string attemptId, int grant, string why, CancellationToken cancellationToken)
    {
        if ((await attempts.Load(attemptId, cancellationToken)).Key is not { } key)
            return;
        using var scope = Scope(key);
        await Finish(key, grant, Ending.Of(Reasons.Engine, why), cancellationToken);
        await RemoveContainer(key, cancellationToken);
    }

    /// <returns>Null when the attempt is another's now.</returns>
    async Task<Ending?> End(Attempt attempt, AttemptKey key, AttemptSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            // What may run already is found before anything is asked of anybody: neither a secret that is gone nor a
            // missing image can harm it.
            var found = attempt.Phase is AttemptPhase.Granted ? null : await launcher.Find(key, cancellationToken);
            return (found, attempt.Phase) switch
            {
                ({ } container, _) => await Follow(
                    key,
                    attempt.Grant.Number,
                    spec,
                    container,
                    await sealedSecrets.Open(key.AttemptId, cancellationToken),
                    cancellationToken
                ),
                (_, AttemptPhase.Running) => Ending.Of(
                    Reasons.Engine,
                    "The container was removed by somebody else while no executor watched it"
                ),
                _ => await Launch(key, attempt.Grant.Number, spec, cancellationToken),
            };
        }
        catch (TaskCannotRunException e)
        {
            return Ending.Of(e.Reason, e.Message);
        }
        catch (EngineException e) when (!e.Unreachable)
        {
            return Ending.Of(Reasons.Engine, e.Message);
        }
        catch (CryptographicException)
        {
            return Ending.Of(
                Reasons.Engine,
                "What its output must not show was sealed with another key: the secret gateway-key was replaced"
            );
        }
    }

    async Task<Ending?> Launch(AttemptKey key, int grant, AttemptSpec spec, CancellationToken cancellationToken)
    {
        var env = await storedValues.Join(
            AttemptMessages.Stream.Prefix + key.AttemptId,
            spec.Env,
            spec.StoredEnv,
            cancellationToken
        );
        var environment = await secrets.Fill(env, cancellationToken);
        var prepared = await launcher.Prepare(key, spec, environment, cancellationToken);
        if (!await MayStart(key.AttemptId, grant, environment.Secrets, cancellationToken))
            return null;
        var container = await launcher.Launch(prepared, cancellationToken);
        return await Follow(key, grant, spec, container, environment.Secrets, cancellationToken);
    }

    // The fence. Recorded before the container is made: from here on nobody but this engine begins the attempt.
    async Task<bool> MayStart(
        string attemptId,
        int grant,
        IReadOnlyList<string> values,
        CancellationToken cancellationToken
    )
    {
        var confirm = new ConfirmStart(grant, clock.GetUtcNow());
        var whole = values.Count == 0 ? null : await sealedSecrets.Seal(attemptId, values, cancellationToken);
        var (attempt, _, _) = await attempts.Transact(
            attemptId,
            x => AttemptDecider.Decide(x, confirm),
            cancellationToken,
            () => whole is null ? [] : [SealedSecrets.Keep(attemptId, whole)]
        );
        return AttemptDecider.MayStart(attempt, grant);
    }

    async Task<Ending> Follow(
        AttemptKey key,
        int grant,
        AttemptSpec spec,
        Launched container,
        IReadOnlyList<string> values,
        CancellationToken cancellationToken
    )
    {
        if (container.StartedAt is not { } startedAt)
            return ContainerEnding.Judge(
                await engine.Inspect(container.Id, cancellationToken),
                ContainerExit.NeverRan,
                spec,
                TaskMessages.Nothing
            );
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var begin = new BeginAttempt(grant, container.Id, startedAt, container.ImageDigest);
        var began = attempts.Transact(key.AttemptId, x => AttemptDecider.Decide(x, begin), cancellationToken);
        var exit = containers.Exit(container, startedAt, spec, cancellationToken);
        var collecting = logs.Collect(key.AttemptId, container.Id, new Masker(values), exit, end.Token);
        try
        {
            var ended = await exit;
            var facts = await engine.Inspect(container.Id, cancellationToken);
            await began;
            var (messages, complete) = await collecting;
            return ContainerEnding.Judge(facts, ended with { Witnessed = ended.Witnessed && complete }, spec, messages);
        }
        finally
        {
            await end.CancelAsync();
            // either awaited above, or given up with the rest
            await ((Task)collecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task Finish(AttemptKey key, int grant, Ending ending, CancellationToken cancellationToken)
    {
        if (ending.Reason is not (Reasons.Completed or Reasons.Exit))
            await table.AppendRemark(key.AttemptId, ending.Detail, clock.GetUtcNow(), cancellationToken);
        var outputs = NamedValues.Of(ending.Outputs);
        var recorded = ending with
        {
            Outputs = outputs.Inline.ToImmutableSortedDictionary(StringComparer.Ordinal),
            StoredOutputs = outputs.References,
        };
        var finish = new FinishAttempt(grant, recorded, clock.GetUtcNow());
        var (_, events, _) = await attempts.Transact(
            key.AttemptId,
            x => AttemptDecider.Decide(x, finish),
            cancellationToken,
            () => storedValues.Rows(AttemptMessages.Stream.Prefix + key.AttemptId, outputs.Stored)
        );
        signals.Signal(key.AttemptId);
        if (events.Count > 0)
            Log.AttemptEnded(log, ending.Reason, ending.ExitCode, ending.Detail);
    }

    // Its command may put things in order first.
    async Task StopContainer(AttemptKey key, CancellationToken cancellationToken)
    {
        Log.AttemptStopped(log);
        try
        {
            var container = ContainerName.Of(key.AttemptId, installation.Id);
            await engine.Stop(container, SealedContainer.StopGrace, cancellationToken);
        }
        // there is none any more, or not yet
        catch (EngineException e) when (!e.Unreachable) { }
    }

    async Task RemoveContainer(AttemptKey key, CancellationToken cancellationToken)
    {
        try
        {
            await engine.Remove(ContainerName.Of(key.AttemptId, installation.Id), cancellationToken);
        }
        catch (EngineException e) when (!e.Unreachable) // the next look at what is left over tries again
        {
            Log.ContainerLeft(log, e);
        }
    }

    IDisposable? Scope(AttemptKey key) =>
        log.BeginScope(
            new Dictionary<string, object>
            {
                ["run"] = key.RunId,
                ["task"] = key.TaskId,
                ["attempt"] = key.AttemptId,
            }
        );
}
