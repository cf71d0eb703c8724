using System.Collections.Immutable;

namespace Nightshift.Webhooks.Receiving;

/// <summary>What GitHub says about a delivery outside its body.</summary>
/// <param name="DeliveryId">GitHub's GUID in its usual lower-case form; it names the event, so it is the same when
/// GitHub delivers again, and when another hook delivers the same event.</param>
/// <param name="HookId">The hook's number; null when GitHub does not say, as older GitHub Enterprise Servers.</param>
/// <param name="Event">The event's name, e.g. <c>push</c>; any name is taken, also of events that do not exist
/// yet.</param>
/// <param name="Kept">The headers worth keeping; neither signatures nor what the gateway added are among them.</param>
public sealed record DeliveryHeaders(
    string DeliveryId,
    string? HookId,
    string Event,
    ImmutableSortedDictionary<string, string> Kept
)
{
    /// <summary>Longest event name taken; GitHub's longest has 44 characters.</summary>
    const int MaxEvent = 100;

    /// <summary>Longest number of a hook taken, digits; a 64-bit number has 20.</summary>
    const int MaxHookId = 20;

    /// <summary>Longest value kept of one header.</summary>
    const int MaxValue = 1024;

    static readonly string[] Named = ["User-Agent", "Content-Type"];

    /// <summary>
    /// Reads them; null when the GUID or the event's name is missing, doubled or malformed, or the hook's number is
    /// doubled or malformed.
    /// </summary>
    public static DeliveryHeaders? Read(IHeaderDictionary headers)
    {
        if (headers["X-GitHub-Delivery"] is not [{ } id] || !Guid.TryParseExact(id, "D", out var guid))
            return null;
        if (
            headers["X-GitHub-Event"] is not [{ Length: > 0 and <= MaxEvent } name]
            || !name.All(x => char.IsAsciiLetterOrDigit(x) || x is '_')
        )
            return null;
        var hooks = headers["X-GitHub-Hook-ID"];
        if (
            hooks is not ([] or [{ Length: > 0 and <= MaxHookId }])
            || hooks is [{ } hook] && !hook.All(char.IsAsciiDigit)
        )
            return null;
        return new(
            guid.ToString("D"),
            hooks is [{ } number] ? number : null,
            name,
            headers
                .Where(x => IsKept(x.Key))
                .ToImmutableSortedDictionary(
                    x => x.Key,
                    x => Text.Bounded(x.Value.ToString(), MaxValue),
                    StringComparer.OrdinalIgnoreCase
                )
        );
    }

    static bool IsKept(string header) =>
        header.StartsWith("X-GitHub-", StringComparison.OrdinalIgnoreCase)
        || Named.Contains(header, StringComparer.OrdinalIgnoreCase);
}
