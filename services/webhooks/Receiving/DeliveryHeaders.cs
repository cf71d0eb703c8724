using System.Collections.Immutable;

namespace Nightshift.Webhooks.Receiving;

/// <summary>What GitHub says about a delivery outside its body.</summary>
/// <param name="DeliveryId">GitHub's GUID in its usual lower-case form; the same one when GitHub delivers
/// again.</param>
/// <param name="Event">The event's name, e.g. <c>push</c>; any name is taken, also of events that do not exist
/// yet.</param>
/// <param name="Kept">The headers worth keeping; nothing the gateway added is among them.</param>
public sealed record DeliveryHeaders(string DeliveryId, string Event, ImmutableSortedDictionary<string, string> Kept)
{
    /// <summary>Longest event name taken; GitHub's longest has 44 characters.</summary>
    const int MaxEvent = 100;

    /// <summary>Longest value kept of one header.</summary>
    const int MaxValue = 1024;

    static readonly string[] Named = [Signature.Header, "X-Hub-Signature", "User-Agent", "Content-Type"];

    /// <summary>Reads them; null when the GUID or the event's name is missing, doubled or malformed.</summary>
    public static DeliveryHeaders? Read(IHeaderDictionary headers)
    {
        if (headers["X-GitHub-Delivery"] is not [{ } id] || !Guid.TryParseExact(id, "D", out var guid))
            return null;
        if (
            headers["X-GitHub-Event"] is not [{ Length: > 0 and <= MaxEvent } name]
            || !name.All(x => char.IsAsciiLetterOrDigit(x) || x is '_')
        )
            return null;
        return new(
            guid.ToString("D"),
            name,
            headers
                .Where(x => IsKept(x.Key))
                .ToImmutableSortedDictionary(
                    x => x.Key,
                    x => Shorten(x.Value.ToString()),
                    StringComparer.OrdinalIgnoreCase
                )
        );
    }

    static bool IsKept(string header) =>
        header.StartsWith("X-GitHub-", StringComparison.OrdinalIgnoreCase)
        || Named.Contains(header, StringComparer.OrdinalIgnoreCase);

    static string Shorten(string value) => value.Length <= MaxValue ? value : value[..MaxValue];
}
