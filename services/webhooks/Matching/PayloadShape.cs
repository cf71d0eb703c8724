using Octokit.Webhooks;

namespace Nightshift.Webhooks.Matching;

/// <summary>
/// Compares payloads with GitHub's published models. Nothing depends on the answer: GitHub adds events and actions without notice, and older fields go
/// missing. It is there to be noticed before a field that is needed changes.
/// </summary>
public sealed class PayloadShape : WebhookEventProcessor
{
    /// <summary>True when the models read the payload without complaint.</summary>
    /// <param name="eventName">As in <c>X-GitHub-Event</c>.</param>
    /// <param name="json">The payload, UTF-8.</param>
    /// <param name="why">The models' complaint, if any.</param>
    public bool IsKnown(string eventName, string json, out string? why)
    {
        try
        {
            DeserializeWebhookEvent(new WebhookHeaders { Event = eventName }, json);
            why = null;
            return true;
        }
        catch (Exception e) // whatever foreign code makes of foreign data: the delivery is then simply a generic one
        {
            why = e.Message;
            return false;
        }
    }
}
