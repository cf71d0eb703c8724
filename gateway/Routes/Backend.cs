namespace Nightshift.Gateway.Routes;

/// <summary>One service behind the gateway.</summary>
/// <param name="Name">Its name in settings, logs and addresses: <c>healer</c>.</param>
/// <param name="Title">Its name on the status page: <c>Self-Healing</c>.</param>
/// <param name="Address">Its base URL.</param>
public sealed record Backend(string Name, string Title, Uri Address);

/// <summary>The services, in the order in which the status page shows them.</summary>
public sealed class Backends(ServiceAddresses addresses)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<Backend> All { get; } =
    [
        new("scheduler", "Scheduler", Set(addresses.Scheduler)),
        new("executor", "Executor", Set(addresses.Executor)),
        new("webhooks", "Webhooks", Set(addresses.Webhooks)),
        new("healer", "Self-Healing", Set(addresses.Healer)),
        new("escalation", "Escalation", Set(addresses.Escalation)),
    ];

    static Uri Set(Uri? address) =>
        address ?? throw new ArgumentNullException(nameof(address), "The address of a service is not set");
}
