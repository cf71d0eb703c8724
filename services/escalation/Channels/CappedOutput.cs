using System.Text;

namespace Nightshift.Escalation.Channels;

/// <summary>
/// The beginning of what a program prints. The rest is read and dropped, so that the program never waits for a full
/// pipe.
/// </summary>
sealed class CappedOutput
{
    /// <summary>Characters kept.</summary>
    public const int Kept = 4096;

    readonly StringBuilder text = new();
    readonly Task reading;

    public CappedOutput(StreamReader from) => reading = Drain(from);

    /// <summary>What was kept so far.</summary>
    public string Text
    {
        get
        {
            lock (text)
                // the cut may have gone through a pair
                return (
                    text.Length > 0 && char.IsHighSurrogate(text[^1])
                        ? text.ToString(0, text.Length - 1)
                        : text.ToString()
                ).TrimEnd();
        }
    }

    /// <summary>Waits for the end, but not for long.</summary>
    public async Task Read(TimeSpan limit, TimeProvider clock)
    {
        try
        {
            await reading.WaitAsync(limit, clock);
        }
        catch (TimeoutException) { } // somebody else holds the pipe open; what came so far is enough
    }

    async Task Drain(StreamReader from)
    {
        var buffer = new char[1024];
        try
        {
            while (await from.ReadAsync(buffer) is > 0 and var count)
                lock (text)
                    text.Append(buffer, 0, Math.Min(count, Kept - text.Length));
        }
        // the process was let go before the pipe ended
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException) { }
    }
}
