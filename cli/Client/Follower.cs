using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Nightshift.Cli.Client;

/// <summary>Follows what the gateway sends as it happens, across restarts of what is behind it.</summary>
public sealed class Follower(Api api, TimeProvider clock)
{
    /// <summary>How often a lost connection is made again without anything new in between; a second apart.</summary>
    const int Patience = 60;

    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The events at <paramref name="path"/>, each once. Events with an id are asked for from the last one on after a
    /// lost connection; a stream without ids begins at its beginning, and as many are passed over as were seen. Goes on
    /// until the caller has seen enough.
    /// </summary>
    /// <exception cref="AnswerException">There is no such thing, it may not be seen, or it stayed away for a
    /// minute.</exception>
    public async IAsyncEnumerable<SseItem<string>> Follow(
        string path,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (seen, failures) = (0, 0);
        string? last = null;
        while (true)
        {
            await using var events = Once(path, last, cancellationToken).GetAsyncEnumerator(cancellationToken);
            for (var position = 0; await Next(events); position++)
            {
                if (last is null && position < seen)
                    continue;
                (seen, failures) = (position + 1, 0);
                last = events.Current.EventId ?? last;
                yield return events.Current;
            }
            if (++failures > Patience)
                throw new AnswerException(
                    ExitCodes.Unreachable,
                    "The connection was lost and did not come back within a minute."
                );
            await Task.Delay(RetryDelay, clock, cancellationToken);
        }
    }

    // A connection that breaks ends this round; only an answer that waiting cannot change is passed on.
    static async Task<bool> Next(IAsyncEnumerator<SseItem<string>> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception e)
            when (e is IOException or HttpRequestException or AnswerException { ExitCode: ExitCodes.Unreachable })
        {
            return false;
        }
    }

    async IAsyncEnumerable<SseItem<string>> Once(
        string path,
        string? last,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var answer = await api.Open(path, "text/event-stream", last, cancellationToken);
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
            yield return item;
    }
}
