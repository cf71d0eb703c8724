using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Tests.Infrastructure;

public sealed class RabbitMqServerTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-rabbitmq-").FullName;

    string Server => Path.Combine(folder, "rabbitmq_server-9.9.9");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Only_the_server_and_what_it_needs_is_arranged()
    {
        Application("rabbit-9.9.9", "{applications,[kernel,rabbit_common, ra]},{env,[]}");
        Application("rabbit_common-9.9.9", "{included_applications, [recon]}");
        Application("ra-2.0", "{applications,\n   [kernel,\n    aten]}");
        Application("recon-1.0", "");
        Application("aten-1.0", "{applications,[kernel]}");
        Application("rabbitmq_shovel-9.9.9", "{applications,[rabbit]}");
        var arranged = Path.Combine(folder, "arranged");

        Assert.True(RabbitMqServer.Arrange(Script(), arranged));
        Assert.True(RabbitMqServer.Arrange(Script(), arranged)); // as at every start

        Assert.Equal(
            ["aten-1.0", "ra-2.0", "rabbit-9.9.9", "rabbit_common-9.9.9", "recon-1.0"],
            Directory.GetDirectories(Path.Combine(arranged, "plugins")).Select(Path.GetFileName).Order()
        );
        Assert.True(File.Exists(Path.Combine(arranged, "sbin", "rabbitmq-server")));
        Assert.True(File.Exists(Path.Combine(Server, "plugins", "ra-2.0", "ebin", "ra.app")));
    }

    [Fact]
    public void A_package_of_another_layout_is_left_as_it_is() =>
        Assert.False(RabbitMqServer.Arrange(Script(), Path.Combine(folder, "arranged")));

    string Script()
    {
        Directory.CreateDirectory(Path.Combine(Server, "sbin"));
        var script = Path.Combine(Server, "sbin", "rabbitmq-server");
        File.WriteAllText(script, "#!/bin/sh\n");
        var link = Path.Combine(folder, "rabbitmq-server");
        if (!File.Exists(link))
            File.CreateSymbolicLink(link, script);
        return link;
    }

    void Application(string name, string dependencies)
    {
        var ebin = Directory.CreateDirectory(Path.Combine(Server, "plugins", name, "ebin")).FullName;
        File.WriteAllText(
            Path.Combine(ebin, $"{name.Split('-')[0]}.app"),
            $"{{application, {name.Split('-')[0]}, [{{vsn, \"1\"}}, {dependencies}]}}.\n"
        );
    }
}
