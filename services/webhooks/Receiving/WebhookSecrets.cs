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

    /// <summary>Those that are there. Without one every delivery is refused.</summary>
    public async Task<IReadOnlyList<string>> All(CancellationToken cancellationToken)
    {
        List<string> found = [];
        foreach (var name in (string[])[Current, Previous])
            if (await secrets.Find(name, cancellationToken) is { Length: > 0 } secret)
                found.Add(secret);
        return found;
    }
}
