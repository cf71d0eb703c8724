using System.Diagnostics;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Tests.Infrastructure;

public sealed class EngineProcessesTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-engine-").FullName;

    Home Home => new(folder, folder, Path.Combine(folder, "run"));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("RUN/docker/containerd/containerd.sock", true)]
    [InlineData("/run/containerd/containerd.sock", false)] // the machine's own
    [InlineData("RUN2/docker/containerd/containerd.sock", false)] // another installation's
    public void A_shim_is_ours_by_the_socket_it_names(string address, bool ours) =>
        Assert.Equal(
            ours,
            EngineProcesses.BelongsTo(
                Home,
                [
                    "/usr/bin/containerd-shim-runc-v2",
                    "-namespace",
                    "moby",
                    "-address",
                    address.Replace("RUN", Home.Runtime, StringComparison.Ordinal),
                ]
            )
        );

    [Fact]
    public void A_program_that_only_names_the_socket_is_not_ours() =>
        Assert.False(
            EngineProcesses.BelongsTo(
                Home,
                ["ctr", "-address", Path.Combine(Home.Runtime, "docker/containerd/containerd.sock")]
            )
        );

    [Theory]
    [InlineData("RUN/docker/containerd/containerd.toml", true)]
    [InlineData("/etc/containerd/config.toml", false)] // the machine's own
    public void A_containerd_is_ours_by_the_settings_it_names(string settings, bool ours) =>
        Assert.Equal(
            ours,
            EngineProcesses.BelongsTo(
                Home,
                ["/usr/bin/containerd", "--config", settings.Replace("RUN", Home.Runtime, StringComparison.Ordinal)]
            )
        );

    [Fact]
    public async Task A_shim_is_ended_with_the_container_it_holds()
    {
        PrivateFolder.Ensure(Home.Runtime);
        var held = Path.Combine(folder, "held");
        // a program of that name which holds a child, as a shim does
        var shim = Path.Combine(folder, "containerd-shim-runc-v2");
        File.CreateSymbolicLink(shim, "/bin/bash");
        using var process = Process.Start(
            new ProcessStartInfo(
                shim,
                [
                    "-c",
                    $"sleep 1000 & echo $! >{held}.new; mv {held}.new {held}; wait",
                    "-address",
                    Path.Combine(Home.Runtime, "docker/containerd/containerd.sock"),
                ]
            )
        )!;
        using var written = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!File.Exists(held))
            await written.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        var container = ProcessMark.Of(int.Parse(await File.ReadAllTextAsync(held, CancellationToken.None), null))!;

        Assert.Equal(1, await EngineProcesses.EndAbandoned(Home));

        Assert.True(process.HasExited);
        Assert.False(container.IsAlive);
    }
}
