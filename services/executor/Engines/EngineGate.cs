using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Nightshift.Executor.Engines;

/// <summary>
/// Closed until an engine has answered that can confine tasks. Whoever needs the engine waits here; the service is not
/// ready before.
/// </summary>
public sealed class EngineGate(IContainerEngine engine, ILogger<EngineGate> log, TimeProvider clock) : IHealthCheck
{
    /// <summary>How often an engine that is away is asked again.</summary>
    public static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(2);

    readonly TaskCompletionSource<EngineInfo> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock turn = new();
    volatile TaskCompletionSource usable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile string problem = "The Docker engine has not answered yet";

    /// <summary>Why the engine cannot be used now; null when it can.</summary>
    public string? Problem => problem.Length == 0 ? null : problem;

    /// <summary>How often the engine has come, or come back.</summary>
    public int Arrivals { get; private set; }

    /// <summary>
    /// Waits while the engine is known to be away. Whoever hears of it again says so; waiting asks nothing.
    /// </summary>
    public Task Usable(CancellationToken cancellationToken) => usable.Task.WaitAsync(cancellationToken);

    /// <summary>Waits until the engine can be used.</summary>
    public Task<EngineInfo> Open(CancellationToken cancellationToken) => opened.Task.WaitAsync(cancellationToken);

    /// <summary>Asks the engine until it can be used, then opens.</summary>
    public async Task<EngineInfo> Probe(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await Look(cancellationToken) is { Refusal: null } info)
            {
                Log.EngineReady(log, info.EngineId, info.Version, info.CgroupVersion, info.AppArmor);
                opened.TrySetResult(info);
                return info;
            }
            await Task.Delay(ProbePeriod, clock, cancellationToken);
        }
    }

    /// <summary>Asks once and remembers the answer.</summary>
    public async Task<EngineInfo?> Look(CancellationToken cancellationToken)
    {
        try
        {
            var info = await engine.Info(cancellationToken);
            Say(info.Refusal ?? "");
            return info;
        }
        catch (EngineException e)
        {
            Say(e.Message);
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) => Task.FromResult(Problem is { } text ? HealthCheckResult.Unhealthy(text) : HealthCheckResult.Healthy());

    // Once per change: an engine that stays away must not fill the log.
    internal void Say(string now)
    {
        lock (turn)
        {
            if (now == problem)
                return;
            if (now.Length == 0)
            {
                Arrivals++;
                usable.TrySetResult();
            }
            else if (problem.Length == 0)
                usable = new(TaskCreationOptions.RunContinuationsAsynchronously);
            problem = now;
        }
        if (now.Length > 0)
            Log.EngineUnusable(log, now);
    }
}
