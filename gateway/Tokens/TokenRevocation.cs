using System.Collections.Concurrent;

namespace Nightshift.Gateway.Tokens;

/// <summary>
/// Ends requests whose token is revoked, or whose entry changes, while they last: a followed stream would otherwise go
/// on for days. The file of tokens is compared twice a second as long as such a request is open.
/// </summary>
sealed class TokenRevocation : IDisposable
{
    /// <summary>How often the tokens of open requests are looked up again.</summary>
    public static readonly TimeSpan CheckPeriod = TimeSpan.FromMilliseconds(500);

    readonly TokenStore tokens;
    readonly ConcurrentDictionary<OpenRequest, TokenEntry> open = [];
    readonly ITimer timer;

    public TokenRevocation(TokenStore tokens, TimeProvider clock)
    {
        this.tokens = tokens;
        timer = clock.CreateTimer(_ => Check(), state: null, CheckPeriod, CheckPeriod);
    }

    /// <summary>Runs the rest of the pipeline with an abort token that also fires on revocation.</summary>
    public async Task Watch(HttpContext context, Func<Task> next)
    {
        if (context.Features.Get<TokenEntry>() is not { } entry)
        {
            await next();
            return;
        }
        var byClient = context.RequestAborted;
        using var request = new OpenRequest(byClient);
        open[request] = entry;
        context.RequestAborted = request.Ended;
        try
        {
            await next();
        }
        catch (OperationCanceledException) when (request.IsRevoked) { } // answered below
        finally
        {
            open.TryRemove(request, out _);
            context.RequestAborted = byClient;
        }
        if (request.IsRevoked)
            await End(context);
    }

    public void Dispose() => timer.Dispose();

    static async Task End(HttpContext context)
    {
        if (context.Response.HasStarted)
            context.Abort(); // an answer that merely stops looks complete
        else
            await TokenProblems.Unknown(context);
    }

    void Check()
    {
        if (open.IsEmpty)
            return;
        var current = tokens.Entries.ToHashSet();
        foreach (var (request, entry) in open)
            if (!current.Contains(entry))
                request.Revoke();
    }

    sealed class OpenRequest(CancellationToken byClient) : IDisposable
    {
        readonly CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(byClient);
        volatile bool revoked;

        public CancellationToken Ended => ended.Token;

        public bool IsRevoked => revoked;

        public void Revoke()
        {
            revoked = true;
            try
            {
                ended.Cancel();
            }
            catch (ObjectDisposedException) { } // the request has just ended by itself
        }

        public void Dispose() => ended.Dispose();
    }
}
