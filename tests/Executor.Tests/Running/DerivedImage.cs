using Docker.DotNet;
using Docker.DotNet.Models;

namespace Nightshift.Executor.Tests.Running;

/// <summary>The toolbox after a command, with further settings. Gone after the test.</summary>
sealed class DerivedImage(DockerClient docker, string name) : IAsyncDisposable
{
    public string Name => name;

    public static async Task<DerivedImage> Make(DockerClient docker, string[] command, string[] settings)
    {
        var (name, cancelled) = ($"nightshift-test-{Guid.NewGuid():N}", TestContext.Current.CancellationToken);
        var container = await docker.Containers.CreateContainerAsync(
            new()
            {
                Image = Tasks.Image,
                Cmd = command,
                NetworkDisabled = true,
            },
            cancelled
        );
        await docker.Containers.StartContainerAsync(container.ID, new(), cancelled);
        await docker.Containers.WaitContainerAsync(container.ID, cancelled);
        await docker.Images.CommitContainerChangesAsync(
            new()
            {
                ContainerID = container.ID,
                RepositoryName = name,
                Tag = "latest",
                Changes = settings,
            },
            cancelled
        );
        await docker.Containers.RemoveContainerAsync(container.ID, new ContainerRemoveParameters(), cancelled);
        return new(docker, name);
    }

    public async ValueTask DisposeAsync() =>
        await docker.Images.DeleteImageAsync(name, new ImageDeleteParameters { Force = true }, CancellationToken.None);
}
