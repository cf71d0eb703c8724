using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Nightshift.Webhooks.Receiving;

/// <summary>
/// Counts wrong signatures per sender. Only answers to further wrong ones change: a valid signature is never counted,
/// so nobody can use up what GitHub needs.
/// </summary>
public sealed class WrongSignatures : IDisposable
{
    static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    readonly PartitionedRateLimiter<string> limiter;

    /// <param name="options">How many are answered with 401.</param>
    public WrongSignatures(IOptions<WebhookOptions> options) =>
        limiter = PartitionedRateLimiter.Create<string, string>(sender =>
            RateLimitPartition.GetFixedWindowLimiter(
                sender,
                _ => new() { PermitLimit = options.Value.WrongSignaturesPerMinute, Window = Window }
            )
        );

    /// <summary>Counts one.</summary>
    /// <param name="sender">As in <see cref="ClientAddress.SenderOf"/>.</param>
    /// <returns>The answer it gets: 401, or 429 when there were too many.</returns>
    public Refusal Count(string sender)
    {
        using var lease = limiter.AttemptAcquire(sender);
        return lease.IsAcquired
            ? Refusal.WrongSignature
            : Refusal.TooManyWrongSignatures(
                lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Window
            );
    }

    /// <inheritdoc/>
    public void Dispose() => limiter.Dispose();
}
