using System.Globalization;

namespace Nightshift.Gateway.Routes;

/// <summary>One process of a service.</summary>
/// <param name="Name">Its name in logs, addresses and answers: <c>healer</c>, <c>scheduler-2</c>.</param>
/// <param name="Title">Its name on the status page: <c>Self-Healing</c>, <c>Scheduler 2</c>.</param>
/// <param name="Address">Its base URL.</param>
public sealed record BackendInstance(string Name, string Title, Uri Address);

/// <summary>One service behind the gateway.</summary>
/// <param name="Name">Its name in settings, logs and addresses: <c>healer</c>.</param>
/// <param name="Instances">Its processes; the first has the service's name.</param>
public sealed record Backend(string Name, IReadOnlyList<BackendInstance> Instances);

/// <summary>The services, in the order in which the status page shows them.</summary>
public sealed class Backends(ServiceAddresses addresses)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<Backend> All { get; } =
    [
        Of("scheduler", "Scheduler", addresses.Scheduler),
        Of("executor", "Executor", addresses.Executor),
        Of("webhooks", "Webhooks", addresses.Webhooks),
        Of("healer", "Self-Healing", addresses.Healer),
        Of("escalation", "Escalation", addresses.Escalation),
    ];

    /// <summary>The processes of all services.</summary>
    public IEnumerable<BackendInstance> Instances => All.SelectMany(x => x.Instances);

    static Backend Of(string name, string title, string? addresses) =>
        new(
            name,
            [
                .. AddressList
                    .Read(addresses)!
                    .Select((x, i) => i == 0 ? new BackendInstance(name, title, x) : Further(name, title, i + 1, x)),
            ]
        );

    static BackendInstance Further(string name, string title, int number, Uri address) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"),
            string.Create(CultureInfo.InvariantCulture, $"{title} {number}"),
            address
        );
}
