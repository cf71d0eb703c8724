using Microsoft.Extensions.Primitives;
using Nightshift.Webhooks.Bodies;
using Octokit.Webhooks;

namespace Nightshift.Webhooks.Matching;

/// <summary>
/// Compares payloads with GitHub's published models. Nothing depends on the answer: GitHub adds events and actions
/// without notice, and older fields go missing. It is there to be noticed before a field that is needed changes.
/// </summary>
public sealed class PayloadShape : WebhookEventProcessor
{
    /// <summary>
    /// Longest payload that is compared, bytes. The models build many times its size in objects, and one payload of a
    /// kind tells as much as a larger one.
    /// </summary>
    public const int LargestCompared = 2 * 1024 * 1024;

    /// <summary>What the models do not accept; null when they read the payload.</summary>
    /// <param name="eventName">As in <c>X-GitHub-Event</c>.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<string?> FirstMismatch(string eventName, Payload payload, CancellationToken cancellationToken)
    {
        try
        {
            // Processing does nothing here; the way there goes through the models.
            await ProcessWebhookAsync(
                new Dictionary<string, StringValues> { ["X-GitHub-Event"] = eventName },
                payload.Json,
                cancellationToken
            );
            return null;
        }
        // whatever foreign code makes of foreign data: the delivery is then simply a generic one
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return e.Message;
        }
    }
}
