using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Tests.Infrastructure;

public sealed class HomeTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-home-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_full_disk_is_named_with_what_is_free() =>
        Assert.Contains("Only 1023 MiB are free", Disk.Judge("/data", (1L << 30) - 1), StringComparison.Ordinal);

    [Fact]
    public void A_disk_with_a_gibibyte_free_will_do() => Assert.Null(Disk.Judge("/data", 1L << 30));

    [Fact]
    public void The_test_home_shares_nothing_with_the_main_one()
    {
        var (main, test) = (Home.Find(), Home.Find("test"));

        Assert.NotEqual(main.Runtime, test.Runtime);
        Assert.NotEqual(main.Ports, test.Ports);
    }

    [Fact]
    public void The_engines_socket_fits_into_a_socket_address() =>
        Assert.InRange(
            Path.Combine(Home.Find("test").Runtime, "docker", "containerd", "containerd.sock.ttrpc").Length,
            1,
            107
        );

    [Fact]
    public void A_secret_is_made_once_and_only_its_owner_can_read_it()
    {
        var secrets = new Secrets(folder);

        var first = secrets.Get(Secrets.GatewayKey);

        Assert.Equal(first, secrets.Get(Secrets.GatewayKey));
        Assert.Equal(43, first.Length);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Combine(folder, Secrets.GatewayKey))
        );
    }
}
