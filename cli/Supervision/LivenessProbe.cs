namespace Nightshift.Cli.Supervision;

/// <summary>
/// How the supervisor finds out that a process which still exists does nothing any more. Probing begins when the part
/// is ready, so that a slow start never counts.
/// </summary>
/// <param name="Answers">Asks the process itself; false or no answer within <see cref="Timeout"/> is a miss.</param>
public sealed record LivenessProbe(Func<CancellationToken, Task<bool>> Answers)
{
    /// <summary>Time between two probes.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long an answer may take. An answer costs a millisecond; this is what a machine under load may add to it.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Misses in a row after which the process is killed and started again.</summary>
    public int Misses { get; init; } = 3;

    /// <summary>
    /// For database, broker and engine: they may stand still for a while (recovery, a slow disk), and a restart costs
    /// every service its connections.
    /// </summary>
    public static LivenessProbe Patient(Func<CancellationToken, Task<bool>> answers) =>
        new(answers)
        {
            Period = TimeSpan.FromSeconds(10),
            Timeout = TimeSpan.FromSeconds(10),
            Misses = 6,
        };

    /// <returns>Ends once the process has missed too often.</returns>
    /// <exception cref="OperationCanceledException">Cancelled first.</exception>
    public async Task UntilHung(TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var missed = 0; missed < Misses; )
        {
            var asked = clock.GetTimestamp();
            missed = await Ask(clock, cancellationToken) ? 0 : missed + 1;
            if (missed < Misses && Period - clock.GetElapsedTime(asked) is { Ticks: > 0 } pause)
                await Task.Delay(pause, clock, cancellationToken);
        }
    }

    async Task<bool> Ask(TimeProvider clock, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await Answers(either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
