using System.ComponentModel.DataAnnotations;

namespace Nightshift.Webhooks;

/// <summary>
/// Settings of this service. Section <c>Nightshift:Webhooks</c>; environment
/// <c>Nightshift__Webhooks__HonourSkipMarks</c>.
/// </summary>
public sealed record WebhookOptions
{
    /// <summary>
    /// Whether a push starts nothing when its head commit's message holds <c>[skip ci]</c>, <c>[ci skip]</c>, <c>[no
    /// ci]</c>, <c>[skip actions]</c>, <c>[actions skip]</c> or <c>***NO_CI***</c>, or ends in the trailer
    /// <c>skip-checks: true</c>. Default true: a job that commits can so keep from starting itself.
    /// </summary>
    public bool HonourSkipMarks { get; init; } = true;

    /// <summary>
    /// Memory that the bodies of all deliveries in work may take together, MiB; 128 to 65,536, default 128. A delivery
    /// that finds none left waits a few seconds and is then answered with 503. The smallest value holds the largest
    /// body GitHub can send.
    /// </summary>
    [Range(128, 65_536, ErrorMessage = "Nightshift:Webhooks:BodyMemoryMiB must be a number from 128 to 65536")]
    public int BodyMemoryMiB { get; init; } = 128;

    /// <summary>
    /// How long a body is remembered after it was received; up to 10 years, default 30 days. A delivery with the same
    /// body under another GUID within that time is a replay and starts nothing.
    /// </summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00",
        "3650.00:00:00",
        ErrorMessage = "Nightshift:Webhooks:ReplayWindow must be a duration from 00:00:00 to 3650.00:00:00, as "
            + "30.00:00:00"
    )]
    public TimeSpan ReplayWindow { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Wrong signatures from one address that are answered with 401 per minute; 1 to 1,000,000, default 60. Further
    /// ones get 429. A valid signature is never counted and never refused for it.
    /// </summary>
    [Range(
        1,
        1_000_000,
        ErrorMessage = "Nightshift:Webhooks:WrongSignaturesPerMinute must be a number from 1 to 1000000"
    )]
    public int WrongSignaturesPerMinute { get; init; } = 60;
}
