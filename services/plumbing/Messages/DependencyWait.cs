using Nightshift.Plumbing.Hosting;
using Npgsql;

namespace Nightshift.Plumbing.Messages;

/// <summary>Holds a message while the database is away. A consumer whose messages are all held takes no more.</summary>
/// <param name="answers">Whether the database answers.</param>
/// <param name="clock">The clock.</param>
/// <param name="stopping">The process stops: nothing is held any longer.</param>
public sealed class DependencyWait(
    Func<CancellationToken, Task<bool>> answers,
    TimeProvider clock,
    CancellationToken stopping
)
{
    /// <summary>Between two questions to the database, and before a message is tried again.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// After this a held message goes back to its queue even so. RabbitMQ takes away what is not acknowledged in 30
    /// minutes, and closes the channel with it (<c>consumer_timeout</c>).
    /// </summary>
    public static readonly TimeSpan HoldAtMost = TimeSpan.FromMinutes(20);

    readonly Lock gate = new();
    Task<bool>? latest;
    long askedAt;

    /// <summary>Asks the database over the services' own pool.</summary>
    public static async Task<bool> Answers(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand("select 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (DependencyFaults.IsTransient(e))
        {
            return false;
        }
    }

    /// <summary>Returns when trying again makes sense; at once when the process stops.</summary>
    public async Task UntilBack()
    {
        var began = clock.GetTimestamp();
        try
        {
            do await Task.Delay(Period, clock, stopping);
            while (clock.GetElapsedTime(began) < HoldAtMost && !await Ask());
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested) { } // the message goes back
    }

    // One question serves all messages that wait.
    Task<bool> Ask()
    {
        lock (gate)
        {
            if (latest is null || latest.IsCompleted && clock.GetElapsedTime(askedAt) >= Period / 2)
                (latest, askedAt) = (answers(stopping), clock.GetTimestamp());
            return latest;
        }
    }
}
