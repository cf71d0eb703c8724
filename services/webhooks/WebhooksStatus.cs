using Nightshift.Plumbing.Status;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks;

/// <summary>This service's line on the status page.</summary>
sealed class WebhooksStatus(WebhookSecrets secrets) : IStatusReport
{
    public async Task<(string State, bool Ok)> Read(CancellationToken cancellationToken) =>
        await secrets.All(cancellationToken) is [_, ..] ? ("Active", true) : ("No secret configured", false);
}
