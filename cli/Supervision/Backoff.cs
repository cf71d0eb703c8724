namespace Nightshift.Cli.Supervision;

/// <summary>How long the supervisor waits before it starts a service that ended by itself.</summary>
public static class Backoff
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>A service that stayed up this long has recovered; its next end counts as the first again.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(60);

    /// <param name="ends">How many times in a row the service ended before it settled; 1 is the first.</param>
    /// <returns>0, then 1, 2, 4 … at most 60 seconds: the first end is usually an accident, the
    /// tenth is not.</returns>
    public static TimeSpan Before(int ends) =>
        ends <= 1 ? TimeSpan.Zero
        : ends > 7 ? Longest
        : TimeSpan.FromSeconds(Math.Min(1 << (ends - 2), Longest.TotalSeconds));

    /// <returns>The count to go on with after another end.</returns>
    public static int Count(int ends, TimeSpan wasUp) => wasUp >= Settled ? 1 : ends + 1;
}
