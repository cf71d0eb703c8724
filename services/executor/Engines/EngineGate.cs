using Microsoft.Extensions.Diagnostics.HealthChecks;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Engines;

/// <summary>
/// Closed until an engine has answered that can confine tasks. Whoever needs the engine waits here; the service is not
/// ready before. <see cref="EngineProbe"/> alone opens it. Everybody else only reports that the engine did not answer:
/// what merely looks, such as a status page, changes nothing.
/// </summary>
public sealed class EngineGate(IContainerEngine engine, ILogger<EngineGate> log, TimeProvider clock)
    : IHealthCheck,
        IDisposable
{
    /// <summary>
    /// How often an engine that cannot be used is asked again. One that was killed is back within a second, and each
    /// run with a container waits for it.
    /// </summary>
    public static readonly TimeSpan ProbePeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>How often an engine that can be used is asked whether that is still so.</summary>
    public static readonly TimeSpan CheckPeriod = TimeSpan.FromSeconds(30);

    readonly TaskCompletionSource<EngineInfo> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<EngineInfo> claimed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock turn = new();
    readonly WakeUp reported = new();
    volatile TaskCompletionSource usable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile string? first;
    volatile EngineState state = new EngineState.Unreachable("The Docker engine has not answered yet");

    /// <summary>What is known of the engine now.</summary>
    public EngineState State => state;

    /// <summary>Why the engine cannot be used now; null when it can.</summary>
    public string? Problem => state.Problem;

    /// <summary>How often the engine has come, or come back.</summary>
    public int Arrivals { get; private set; }

    /// <summary>
    /// Waits while the engine is known to be of no use. Whoever hears of it again says so; waiting asks nothing.
    /// </summary>
    public Task Usable(CancellationToken cancellationToken) => usable.Task.WaitAsync(cancellationToken);

    /// <summary>Waits until the engine could be used for the first time.</summary>
    public Task<EngineInfo> Open(CancellationToken cancellationToken) => opened.Task.WaitAsync(cancellationToken);

    /// <summary>Waits until the engine is known to belong to this installation: only then tasks run on it.</summary>
    public Task<EngineInfo> Claimed(CancellationToken cancellationToken) => claimed.Task.WaitAsync(cancellationToken);

    /// <summary>Says that the engine belongs to this installation.</summary>
    public void ClaimedForUs(EngineInfo info) => claimed.TrySetResult(info);

    /// <summary>Reports that the engine did not answer a call. It is asked at once whether it is there.</summary>
    public void ReportUnreachable(string why)
    {
        Become(new EngineState.Unreachable(why));
        reported.Set();
    }

    /// <summary>Asks the engine afresh, before a container is made, whether it can confine it.</summary>
    /// <exception cref="EngineRefusedException">It cannot; the gate is closed.</exception>
    /// <exception cref="EngineException">It did not answer.</exception>
    public async Task<EngineInfo> Confirm(CancellationToken cancellationToken)
    {
        var info = await engine.Info(cancellationToken);
        if (RefusalOf(info) is not { } refusal)
            return info;
        Become(new EngineState.Refused(refusal));
        throw new EngineRefusedException(refusal);
    }

    /// <summary>Asks once and remembers the answer.</summary>
    internal async Task Probe(CancellationToken cancellationToken)
    {
        try
        {
            var info = await engine.Info(cancellationToken);
            if (RefusalOf(info) is { } refusal)
            {
                Become(new EngineState.Refused(refusal));
                return;
            }
            first ??= info.EngineId;
            if (opened.TrySetResult(info))
                Log.EngineReady(log, info.EngineId, info.Version, info.CgroupVersion, info.AppArmor);
            Become(new EngineState.Usable());
        }
        catch (EngineException e)
        {
            Become(new EngineState.Unreachable(e.Message));
        }
    }

    /// <summary>Waits until the engine is to be asked again.</summary>
    internal async Task NextProbe(CancellationToken cancellationToken)
    {
        if (state is EngineState.Usable)
            await reported.Wait(CheckPeriod, cancellationToken);
        else
            await Task.Delay(ProbePeriod, clock, cancellationToken);
    }

    // Containers, leases and queues belong to the engine this process began with.
    string? RefusalOf(EngineInfo info) =>
        first is not null && first != info.EngineId
            ? "Another Docker engine answers at this address than before; restart the executor to work with it"
            : info.Refusal;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) => Task.FromResult(Problem is { } text ? HealthCheckResult.Unhealthy(text) : HealthCheckResult.Healthy());

    /// <inheritdoc/>
    public void Dispose() => reported.Dispose();

    // Once per change: an engine that stays away must not fill the log.
    void Become(EngineState next)
    {
        lock (turn)
        {
            if (next == state)
                return;
            if (next is EngineState.Usable)
            {
                Arrivals++;
                usable.TrySetResult();
            }
            else if (state is EngineState.Usable)
                usable = new(TaskCreationOptions.RunContinuationsAsynchronously);
            state = next;
        }
        if (next.Problem is { } problem)
            Log.EngineUnusable(log, problem);
    }
}
