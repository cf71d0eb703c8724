using System.Globalization;
using Nightshift.Plumbing.Messages;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Plumbing.Status;

/// <summary>What can go wrong with any service, whatever it does.</summary>
public sealed class ServiceProblems(TimerTable timers, RelayGap gap, GivenUpMessages givenUp)
{
    /// <summary>How long something due may wait before a person should look.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A few words for the status page; null when all is well.</summary>
    public async Task<string?> Find(CancellationToken cancellationToken)
    {
        var (late, unpublished) = (
            await timers.Overdue(cancellationToken),
            await gap.OldestUnpublished(cancellationToken)
        );
        return Words(late > unpublished ? late : unpublished, await Count(cancellationToken));
    }

    /// <summary>The words.</summary>
    /// <param name="behind">How late the oldest due timer or unpublished event is.</param>
    /// <param name="givenUp">Messages and events given up; null when the broker cannot say.</param>
    public static string? Words(TimeSpan behind, long? givenUp) =>
        behind > Patience ? string.Create(CultureInfo.InvariantCulture, $"Behind ({behind.TotalSeconds:0} s)")
        : givenUp is null ? "RabbitMQ does not answer"
        : givenUp > 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Gave up on {givenUp} {(givenUp == 1 ? "message" : "messages")}; 'nightshift messages' shows them"
            )
        : null;

    async Task<long?> Count(CancellationToken cancellationToken)
    {
        try
        {
            return await givenUp.Count(cancellationToken);
        }
        catch (Exception e) when (PublishFailure.MayPass(e) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
