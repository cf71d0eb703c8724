namespace Nightshift.Cli.Supervision;

/// <summary>How long the supervisor waits before it starts a service that ended by itself.</summary>
public static class Backoff
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>Ends after which nothing is waited for: each run waits for whatever part it needs.</summary>
    const int AtOnce = 3;

    /// <summary>
    /// A service that stayed up this long has recovered; its next end counts as the first again. What fails by itself
    /// fails while it starts, which takes some seconds.
    /// </summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    /// <param name="ends">How many times in a row the service ended before it settled; 1 is the first.</param>
    /// <returns>Nothing after the first three ends, which are usually accidents, then 1, 2, 4 … at most 60
    /// seconds.</returns>
    public static TimeSpan Before(int ends) =>
        ends <= AtOnce ? TimeSpan.Zero
        : ends > AtOnce + 6 ? Longest
        : TimeSpan.FromSeconds(1 << (ends - AtOnce - 1));

    /// <returns>The count to go on with after another end.</returns>
    public static int Count(int ends, TimeSpan wasUp) => wasUp >= Settled ? 1 : ends + 1;
}
