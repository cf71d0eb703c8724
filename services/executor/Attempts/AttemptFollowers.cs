using System.Collections.Concurrent;
using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Executor.Attempts;

/// <summary>One follower for each attempt that is granted to this executor.</summary>
public sealed class AttemptFollowers(
    AttemptExecution execution,
    EngineGate gate,
    ReadySignal ready,
    ILogger<AttemptFollowers> log,
    TimeProvider clock
)
{
    /// <summary>
    /// Interruptions of one attempt by the same kind of exception, one after the other, after which it is ended: it
    /// would be interrupted for ever.
    /// </summary>
    public const int MostInterruptions = 5;

    /// <summary>Wait before an interrupted attempt is taken up again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<string, Follower> followers = [];

    sealed record Follower(int Grant, CancellationTokenSource Fence)
    {
        public Task Done { get; set; } = Task.CompletedTask;
    }

    /// <summary>How many attempts are followed now.</summary>
    public int Count => followers.Count;

    /// <summary>Begins to follow what is new among them, and leaves what is not among them any more.</summary>
    /// <param name="granted">All attempts that are granted to this executor.</param>
    /// <param name="engine">Its engine.</param>
    /// <param name="cancellationToken">Ends all followers; containers go on.</param>
    public void Follow(IReadOnlyList<OpenAttempt> granted, string engine, CancellationToken cancellationToken)
    {
        var current = granted.ToDictionary(x => x.AttemptId, x => x.Grant);
        foreach (var (attemptId, follower) in followers)
            if (current.GetValueOrDefault(attemptId) != follower.Grant)
                follower.Fence.Cancel();
        foreach (var (attemptId, grant) in current)
        {
            var follower = new Follower(grant, new());
            if (followers.TryAdd(attemptId, follower))
                follower.Done = Task.Run(
                    () => Follow(attemptId, follower, engine, cancellationToken),
                    CancellationToken.None
                );
        }
    }

    /// <summary>Ends when all followers have.</summary>
    public Task Stopped() => Task.WhenAll(followers.Values.Select(x => x.Done));

    async Task Follow(string attemptId, Follower follower, string engine, CancellationToken cancellationToken)
    {
        try
        {
            for (var interruptions = new Interruptions(); ; )
                if (await Turn(attemptId, follower, engine, interruptions, cancellationToken))
                    return;
        }
        // the next process goes on
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested) { }
        finally
        {
            followers.TryRemove(attemptId, out _);
            ready.Set(); // a slot is free
        }
    }

    /// <returns>True when nothing is left to do.</returns>
    async Task<bool> Turn(
        string attemptId,
        Follower follower,
        string engine,
        Interruptions interruptions,
        CancellationToken cancellationToken
    )
    {
        var fence = follower.Fence.Token;
        try
        {
            if (fence.IsCancellationRequested)
            {
                await execution.Abandon(attemptId, engine, cancellationToken);
                return true;
            }
            if (
                gate.Problem is { } problem
                && await execution.GiveBack(attemptId, follower.Grant, problem, cancellationToken)
            )
                return true;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(fence, cancellationToken);
            await gate.Usable(either.Token);
            if (interruptions.TooMany is { } why)
                await execution.GiveUp(attemptId, follower.Grant, why, cancellationToken);
            else
                await execution.Run(attemptId, follower.Grant, fence, cancellationToken);
            return true;
        }
        // taken from this executor meanwhile: the next turn leaves it
        catch (Exception) when (fence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return gate.Problem is not null; // its container goes when the engine comes back
        }
        catch (EngineException e) when (e.Unreachable)
        {
            gate.ReportUnreachable(e.Message);
            return false;
        }
        catch (EngineRefusedException) // the gate is closed
        {
            return false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.AttemptInterrupted(log, e, attemptId);
            interruptions.Note(e);
            await Task.Delay(Pause, clock, cancellationToken);
            return false;
        }
    }

    /// <summary>Tells an exception that comes again each time from a dependency that is away.</summary>
    sealed class Interruptions
    {
        Exception? last;
        int times;

        public string? TooMany =>
            times < MostInterruptions ? null : $"The executor failed {times} times in a row: {ExceptionLine.Of(last!)}";

        public void Note(Exception e)
        {
            if (DependencyFaults.IsTransient(e))
                return;
            times = last?.GetType() == e.GetType() ? times + 1 : 1;
            last = e;
        }
    }
}
