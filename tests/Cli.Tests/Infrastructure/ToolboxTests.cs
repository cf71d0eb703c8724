using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Tests.Infrastructure;

public sealed class ToolboxTests
{
    [Fact]
    public void No_registry_answers_to_the_images_name() =>
        Assert.StartsWith("localhost/", Toolbox.Image, StringComparison.Ordinal);

    /// <summary>On a real engine. The clock stands still, so that the safety net is not what ends the wait.</summary>
    [Fact]
    public async Task The_removal_of_an_image_is_heard_at_once()
    {
        var endpoint = Environment.GetEnvironmentVariable("NIGHTSHIFT_TEST_DOCKER");
        Assert.SkipWhen(string.IsNullOrEmpty(endpoint), "NIGHTSHIFT_TEST_DOCKER is not set; run ./nightshift test");
        var (image, clock) = ($"localhost/nightshift/test-{Guid.NewGuid():N}", new FakeTimeProvider());
        var cancelled = TestContext.Current.CancellationToken;
        using var engine = Engine.Connect(endpoint!);

        var heard = ImageEvents.Removal(endpoint!, clock, cancelled);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!heard.IsCompleted) // whoever listens a moment later hears of the next one
        {
            await Import(engine, image, cancelled);
            (await engine.DeleteAsync($"/images/{image}", cancelled)).EnsureSuccessStatusCode();
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await pulse.WaitForNextTickAsync(cancelled);
        }

        await heard;
        Assert.True(clock.GetUtcNow() - new FakeTimeProvider().GetUtcNow() < TimeSpan.FromSeconds(60));
    }

    static async Task Import(HttpClient engine, string image, CancellationToken cancelled)
    {
        using var empty = new ByteArrayContent(new byte[1024]); // a tar file of nothing
        empty.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        using var answer = await engine.PostAsync($"/images/create?fromSrc=-&repo={image}", empty, cancelled);
        answer.EnsureSuccessStatusCode();
    }
}
