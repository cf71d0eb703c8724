using Docker.DotNet.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Tests.Running;

namespace Nightshift.Executor.Tests.Containers;

[Collection("engine")]
public sealed class ImageTests
{
    const string Id = "sha256:1111";

    [Theory]
    [InlineData("alpine", "alpine@sha256:2222")]
    [InlineData("alpine:3", "alpine@sha256:2222")]
    [InlineData("alpine@sha256:2222", "alpine@sha256:2222")]
    [InlineData("ghcr.io/acme/tool:1", "ghcr.io/acme/tool@sha256:3333")]
    [InlineData("localhost/built", Id)]
    public void An_image_is_named_by_the_digest_its_registry_has_or_by_its_id(string asked, string digest) =>
        Assert.Equal(
            digest,
            DockerFacts
                .Of(
                    asked,
                    new ImageInspectResponse
                    {
                        ID = Id,
                        RepoDigests = ["alpine@sha256:2222", "ghcr.io/acme/tool@sha256:3333"],
                    }
                )
                ?.Digest
        );

    [Fact]
    public async Task Where_digests_are_required_a_tag_is_refused_and_what_was_built_here_is_not()
    {
        var cancelled = TestContext.Current.CancellationToken;
        using var engine = EngineSetup.Connect(RunningExecutor.Docker, TimeProvider.System);
        var images = new ImagePuller(
            engine,
            Options.Create(new ExecutorOptions { RequireDigest = true }),
            NullLogger<ImagePuller>.Instance,
            TimeProvider.System
        );
        var refusal = await Assert.ThrowsAsync<TaskCannotRunException>(() => images.Require("alpine:3", cancelled));
        Assert.Equal(Reasons.Image, refusal.Reason);
        Assert.Contains("write alpine:3@sha256:…", refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("sha256:", (await images.Require(Tasks.Image, cancelled)).Digest, StringComparison.Ordinal);
    }
}
