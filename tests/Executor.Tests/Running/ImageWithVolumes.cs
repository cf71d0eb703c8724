using Docker.DotNet;
using Docker.DotNet.Models;

namespace Nightshift.Executor.Tests.Running;

/// <summary>The toolbox with volumes, as many images of databases have them. Gone after the test.</summary>
sealed class ImageWithVolumes(DockerClient docker, string name) : IAsyncDisposable
{
    public string Name => name;

    public static async Task<ImageWithVolumes> Make(DockerClient docker, params string[] paths)
    {
        var (name, cancelled) = ($"nightshift-test-{Guid.NewGuid():N}", TestContext.Current.CancellationToken);
        var container = await docker.Containers.CreateContainerAsync(
            new() { Image = Tasks.Image, Cmd = ["true"] },
            cancelled
        );
        await docker.Images.CommitContainerChangesAsync(
            new()
            {
                ContainerID = container.ID,
                RepositoryName = name,
                Tag = "latest",
                Changes = [.. paths.Select(x => $"VOLUME {x}")],
            },
            cancelled
        );
        await docker.Containers.RemoveContainerAsync(container.ID, new ContainerRemoveParameters(), cancelled);
        return new(docker, name);
    }

    public async ValueTask DisposeAsync() =>
        await docker.Images.DeleteImageAsync(name, new ImageDeleteParameters { Force = true }, CancellationToken.None);
}
