namespace Nightshift.Cli.Supervision;

/// <summary>How long the supervisor waits before it starts a service that ended by itself.</summary>
public static class Backoff
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Ends of a part that worked once, after which nothing is waited for: each run waits for whatever it needs.
    /// </summary>
    const int AtOnce = 3;

    /// <summary>
    /// A part that stayed up this long has recovered; its next end counts as the first again. What ends by itself
    /// mostly ends while it starts, which takes some seconds; one that takes longer is spaced by its own start.
    /// </summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(5);

    /// <summary>The same for one that hung. It takes up to a minute to notice that.</summary>
    public static readonly TimeSpan SettledAfterHang = TimeSpan.FromMinutes(3);

    /// <param name="ends">How many times in a row the part ended before it settled; 1 is the first.</param>
    /// <param name="wasReady">It was ready once. One that was not may wait for something that passes.</param>
    /// <returns>Nothing after the first end, or the first three of a part that was ready, which are usually accidents;
    /// then 1, 2, 4 … at most 60 seconds.</returns>
    public static TimeSpan Before(int ends, bool wasReady) =>
        (ends - (wasReady ? AtOnce : 1)) switch
        {
            <= 0 => TimeSpan.Zero,
            > 6 => Longest,
            var late => TimeSpan.FromSeconds(1 << (late - 1)),
        };

    /// <returns>The count to go on with after another end.</returns>
    public static int Count(int ends, TimeSpan wasUp, bool hung) =>
        wasUp >= (hung ? SettledAfterHang : Settled) ? 1 : ends + 1;
}
