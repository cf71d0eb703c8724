namespace Nightshift.Gateway.Routes;

/// <summary>Base URLs in one setting, separated by semicolons as in <c>ASPNETCORE_URLS</c>.</summary>
static class AddressList
{
    /// <summary>Reads them; null when one is no HTTP address, or none is there.</summary>
    public static IReadOnlyList<Uri>? Read(string? text)
    {
        var addresses = (text ?? "")
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(x => Uri.TryCreate(x, UriKind.Absolute, out var uri) ? uri : null)
            .ToList();
        return addresses.Count > 0 && addresses.TrueForAll(x => x?.Scheme is "http" or "https")
            ? [.. addresses!]
            : null;
    }

    /// <summary>One sentence for each setting that cannot be read; one that is missing has its own.</summary>
    public static IEnumerable<string> Mistakes(ServiceAddresses addresses) =>
        new[]
        {
            (nameof(addresses.Scheduler), addresses.Scheduler),
            (nameof(addresses.Executor), addresses.Executor),
            (nameof(addresses.Webhooks), addresses.Webhooks),
            (nameof(addresses.Healer), addresses.Healer),
            (nameof(addresses.Escalation), addresses.Escalation),
        }
            .Where(x => x.Item2 is { Length: > 0 } && Read(x.Item2) is null)
            .Select(x =>
                $"Nightshift:Services:{x.Item1} is '{x.Item2}'; write a base URL such as http://127.0.0.1:8801, "
                + "several separated by semicolons"
            );
}
