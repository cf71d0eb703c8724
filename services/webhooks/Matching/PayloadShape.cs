using Microsoft.Extensions.Primitives;
using Octokit.Webhooks;

namespace Nightshift.Webhooks.Matching;

/// <summary>
/// Compares payloads with GitHub's published models. Nothing depends on the answer: GitHub adds events and actions
/// without notice, and older fields go missing. It is there to be noticed before a field that is needed changes.
/// </summary>
public sealed class PayloadShape : WebhookEventProcessor
{
    /// <summary>What the models complain about; null when they read the payload.</summary>
    /// <param name="eventName">As in <c>X-GitHub-Event</c>.</param>
    /// <param name="json">The payload, UTF-8.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<string?> Complaint(
        string eventName,
        ReadOnlyMemory<byte> json,
        CancellationToken cancellationToken
    )
    {
        try
        {
            // Processing does nothing here; the way there goes through the models.
            await ProcessWebhookAsync(
                new Dictionary<string, StringValues> { ["X-GitHub-Event"] = eventName },
                json,
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
