namespace Nightshift.Testing;

/// <summary>Waits for something another process does and cannot signal to a test.</summary>
public static class Eventually
{
    /// <summary>Generous on purpose: a slow machine is not a failure.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>Asks until the answer is yes.</summary>
    public static Task Is(Func<CancellationToken, Task<bool>> yes, string what, CancellationToken cancellationToken) =>
        Get(async token => await yes(token) ? "" : null, what, cancellationToken);

    /// <summary>Asks until there is an answer, and returns it.</summary>
    public static async Task<T> Get<T>(
        Func<CancellationToken, Task<T?>> ask,
        string what,
        CancellationToken cancellationToken
    )
        where T : class
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Deadline);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            if (await ask(limit.Token) is { } answer)
                return answer;
            try
            {
                await pulse.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                Assert.Fail($"Waited {Deadline.TotalSeconds:0} s for: {what}");
            }
        }
    }
}
