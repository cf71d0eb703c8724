namespace Nightshift.Cli.Infrastructure;

/// <summary>The engine's news about images.</summary>
public static class ImageEvents
{
    const string Removals = """{"type":["image"],"event":["untag","delete"]}""";

    /// <summary>Longest wait: a safety net for removals while nobody listened.</summary>
    static readonly TimeSpan SafetyPeriod = TimeSpan.FromSeconds(60);

    /// <summary>An image is first untagged, then deleted; one look after both is enough.</summary>
    static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Ends when some image was removed or lost a name, and at the latest after a minute; also when the engine is
    /// away, then only after that minute.
    /// </summary>
    public static async Task Removal(string endpoint, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(SafetyPeriod, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            if (!await Hear(endpoint, either.Token))
                await Task.Delay(Timeout.InfiniteTimeSpan, clock, either.Token); // no engine: the safety net
            await Task.Delay(Settling, clock, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { } // a minute has passed
    }

    static async Task<bool> Hear(string endpoint, CancellationToken cancellationToken)
    {
        try
        {
            using var engine = Engine.Connect(endpoint);
            await using var events = await engine.GetStreamAsync(
                $"/events?filters={Uri.EscapeDataString(Removals)}",
                cancellationToken
            );
            using var reader = new StreamReader(events);
            return await reader.ReadLineAsync(cancellationToken) is not null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return false;
        }
    }
}
