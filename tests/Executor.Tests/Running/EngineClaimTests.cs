using Docker.DotNet;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Installations;

namespace Nightshift.Executor.Tests.Running;

/// <summary>Two installations on one real engine.</summary>
public sealed class EngineClaimTests : IAsyncDisposable
{
    readonly string id = $"t{Guid.NewGuid().ToString("N")[..8]}";

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        using var docker = new DockerClientBuilder().WithEndpoint(new Uri(RunningExecutor.Docker)).Build();
        foreach (var volume in (await docker.Volumes.ListAsync(CancellationToken.None)).Volumes ?? [])
            if (volume.Name.StartsWith(id, StringComparison.Ordinal))
                await docker.Volumes.RemoveAsync(volume.Name, force: true, CancellationToken.None);
    }

    [Fact]
    public async Task A_second_installation_with_the_same_id_is_refused_and_one_with_another_is_not()
    {
        var (ours, theirs) = (Guid.NewGuid(), Guid.NewGuid());

        Assert.Null(await Take(id, ours));
        Assert.Null(await Take(id, ours)); // a restart, or another executor of the same installation
        Assert.Contains(
            "Set Nightshift:Installation to another name",
            await Take(id, theirs),
            StringComparison.Ordinal
        );
        Assert.Null(await Take($"{id}-b", theirs));
        Assert.Null(await Take(id, ours)); // a claim that was refused leaves nothing
    }

    [Fact]
    public async Task A_copy_that_takes_over_replaces_the_claim_of_the_original_which_is_refused_from_then_on()
    {
        var (original, copy) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.Null(await Take(id, original));
        Assert.Null(await Take(id, copy, replaced: original));
        Assert.Contains("a copy of this one's database", await Take(id, original), StringComparison.Ordinal);
        Assert.Null(await Take(id, copy, replaced: original)); // another start
    }

    [Fact]
    public void The_same_attempt_has_another_container_in_another_installation()
    {
        Assert.StartsWith(
            "nightshift-run.task.1-",
            ContainerName.Of("run~task~1", Installation.Default),
            StringComparison.Ordinal
        );
        Assert.StartsWith("staging.run.task.1-", ContainerName.Of("run~task~1", "staging"), StringComparison.Ordinal);
    }

    static Task<string?> Take(string id, Guid token, Guid? replaced = null) =>
        new EngineClaim(RunningExecutor.Docker, new Installation(id, token, replaced)).Take(Cancelled);
}
