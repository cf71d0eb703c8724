using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Tests.Up;

public sealed class InstallationIdTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-id-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_home_makes_up_its_id_once_and_another_home_another_one()
    {
        var (one, two) = (Home("one"), Home("two"));
        var id = InstallationId.Of(one);
        Assert.Matches("^ns-[0-9a-f]{8}$", id);
        Assert.Equal(id, InstallationId.Of(one));
        Assert.NotEqual(id, InstallationId.Of(two));
    }

    Home Home(string name)
    {
        var root = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        return new Home(folder, root, root);
    }
}
