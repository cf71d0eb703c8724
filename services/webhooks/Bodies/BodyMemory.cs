using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Nightshift.Webhooks.Bodies;

/// <summary>
/// Bounds the memory that bodies take in the whole process. A share is reserved before a body is read, whoever sent it:
/// only the whole body shows whether its signature is right. A quarter is kept for small bodies, so that ordinary
/// deliveries do not wait behind large ones.
/// </summary>
public sealed class BodyMemory : IDisposable
{
    /// <summary>Largest body that takes its share from the part kept for small ones, bytes.</summary>
    public const int SmallBody = 256 * 1024;

    /// <summary>Every byte counts twice: as sent, and as decoded from a form or cleaned of broken escapes.</summary>
    const int Copies = 2;

    const int KiB = 1024;

    readonly ConcurrencyLimiter small,
        large;

    /// <param name="options">How much there is.</param>
    public BodyMemory(IOptions<WebhookOptions> options)
    {
        var total = options.Value.BodyMemoryMiB * KiB;
        (small, large) = (Limiter(total / 4), Limiter(total - total / 4));
    }

    /// <summary>Waits for room for one body, first come, first served.</summary>
    /// <param name="bytes">Length of the body as sent; up to <see cref="Body.FormLimit"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The share; it is given back when disposed.</returns>
    public async ValueTask<IDisposable> Reserve(long bytes, CancellationToken cancellationToken) =>
        await (bytes <= SmallBody ? small : large).AcquireAsync(
            (int)(bytes * Copies / KiB) + 1, // permits are KiB
            cancellationToken
        );

    /// <inheritdoc/>
    public void Dispose()
    {
        small.Dispose();
        large.Dispose();
    }

    // Whoever waits has not been read yet and costs no memory here; callers end the wait.
    static ConcurrencyLimiter Limiter(int permits) =>
        new(
            new()
            {
                PermitLimit = permits,
                QueueLimit = int.MaxValue,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }
        );
}
