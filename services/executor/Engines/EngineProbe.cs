namespace Nightshift.Executor.Engines;

/// <summary>Asks the engine, and opens the gate: at first, after a report that it is away, and now and then.</summary>
public sealed class EngineProbe(EngineGate gate) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await gate.Probe(stoppingToken);
                await gate.NextProbe(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }
}
