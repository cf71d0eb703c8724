using MassTransit;

namespace Nightshift.Plumbing.Installations;

/// <summary>The installation's prefix in every name that MassTransit makes.</summary>
static class InstallationTopology
{
    /// <summary>Names of queues: <c>{service}-{consumer}</c>.</summary>
    public static IEndpointNameFormatter EndpointNames(this Installation installation, string service) =>
        new KebabCaseEndpointNameFormatter(installation.Queue(service), includeNamespace: false);

    /// <summary>Names of the exchanges of messages.</summary>
    public static void UseInstallation(this IBusFactoryConfigurator bus, Installation installation)
    {
        if (installation.Prefix.Length > 0)
            bus.MessageTopology.SetEntityNameFormatter(
                new PrefixEntityNameFormatter(bus.MessageTopology.EntityNameFormatter, installation.Prefix)
            );
    }
}
