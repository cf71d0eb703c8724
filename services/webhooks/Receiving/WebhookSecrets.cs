using Nightshift.Plumbing.Secrets;

namespace Nightshift.Webhooks.Receiving;

/// <summary>
/// The secrets GitHub may sign with: the current one, and while hooks are being changed over, the previous one. Looked
/// up for every request, so that rotating a secret needs no restart.
/// </summary>
public sealed class WebhookSecrets(SecretStore secrets)
{
    /// <summary>The secret hooks are set up with.</summary>
    public const string Current = "github-webhook-secret";

    /// <summary>The one before it; optional. Remove it once every hook signs with the current one.</summary>
    public const string Previous = "github-webhook-secret-previous";

    /// <summary>True when at least one secret is there. Without one every delivery is refused.</summary>
    public async Task<bool> Any(CancellationToken cancellationToken) =>
        await secrets.Find(Current, cancellationToken) is not null
        || await secrets.Find(Previous, cancellationToken) is not null;

    /// <summary>True when one of the secrets made this signature.</summary>
    public async Task<bool> Verify(string? signature, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        Signature.Matches(signature, await secrets.Find(Current, cancellationToken), body.Span)
        || Signature.Matches(signature, await secrets.Find(Previous, cancellationToken), body.Span);
}
