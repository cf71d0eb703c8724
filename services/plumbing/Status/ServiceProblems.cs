using System.Globalization;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Plumbing.Status;

/// <summary>What can go wrong with any service, whatever it does.</summary>
public sealed class ServiceProblems(TimerTable timers, RelayGap gap, GivenUp givenUp)
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
        return Words(late > unpublished ? late : unpublished, givenUp.Count);
    }

    /// <summary>The words.</summary>
    /// <param name="behind">How late the oldest due timer or unpublished event is.</param>
    /// <param name="messages">Messages in error queues.</param>
    public static string? Words(TimeSpan behind, int messages) =>
        behind > Patience ? string.Create(CultureInfo.InvariantCulture, $"Behind ({behind.TotalSeconds:0} s)")
        : messages > 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Gave up on {messages} {(messages == 1 ? "message" : "messages")}; its log says which"
            )
        : null;
}
