namespace Nightshift.Webhooks.Deliveries;

/// <summary>
/// What tells deliveries apart: <c>{hook}.{guid}</c>. GitHub's GUID names an event, which several hooks may deliver, of
/// a repository, its organisation and an app; each with another body.
/// </summary>
public static class DeliveryKey
{
    /// <summary>Digits of the body's hash that stand for a hook without a number.</summary>
    const int HashDigits = 12;

    /// <summary>
    /// The key of a delivery. Where GitHub does not number the hook, as older GitHub Enterprise Servers, the body
    /// stands for it: <c>body-1a2b3c4d5e6f</c>. The same hook delivers the same body again, and another hook another
    /// one.
    /// </summary>
    public static string Of(DeliveryReceived delivery) =>
        $"{delivery.HookId ?? $"body-{delivery.BodySha256[..HashDigits]}"}.{delivery.DeliveryId}";

    /// <summary>GitHub's GUID in a key.</summary>
    public static string GuidOf(string key) => key[(key.LastIndexOf('.') + 1)..];

    /// <summary>The key in a stream's id.</summary>
    public static string OfStream(string streamId) => streamId[Delivery.Stream.Prefix.Length..];
}
