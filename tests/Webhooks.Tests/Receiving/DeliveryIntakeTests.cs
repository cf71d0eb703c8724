using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Secrets;
using Nightshift.Webhooks.Bodies;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks.Tests.Receiving;

/// <summary>What is refused before anything is stored; no receiver is needed for it.</summary>
public sealed class DeliveryIntakeTests : IDisposable
{
    static readonly IOptions<WebhookOptions> Options = Microsoft.Extensions.Options.Options.Create(
        new WebhookOptions()
    );

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("nightshift-intake-");
    readonly BodyMemory memory = new(Options);
    readonly WrongSignatures wrong = new(Options);
    readonly FakeTimeProvider clock = new();
    readonly DeliveryIntake intake;

    public DeliveryIntakeTests()
    {
        File.WriteAllText(Path.Combine(folder.FullName, WebhookSecrets.Current), "secret");
        var settings = Microsoft.Extensions.Options.Options.Create(
            new NightshiftOptions { SecretsDirectory = folder.FullName }
        );
        intake = new(new(new SecretStore(settings, TimeProvider.System)), memory, wrong, receiver: null!, clock);
    }

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_signature_the_body_is_not_touched()
    {
        var request = Request(new MemoryStream());
        request.Request.Headers.Remove(Signature.Header);
        request.Request.Body = Stream.Null;
        request.Request.Body.Dispose();
        Assert.Equal("signature", (await intake.Take(request, Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task A_body_longer_than_GitHubs_limit_is_not_touched()
    {
        var request = Request(new MemoryStream());
        request.Request.ContentLength = Body.JsonLimit + 1;
        Assert.Equal(413, (await intake.Take(request, Cancel)).Refusal?.Status);
    }

    [Fact]
    public async Task A_body_that_does_not_arrive_is_given_up_and_its_memory_given_back()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 2, resumeWriterThreshold: 1));
        var request = Request(pipe.Reader.AsStream());
        request.Request.ContentLength = Body.FormLimit;
        request.Request.ContentType = "application/x-www-form-urlencoded";
        var answer = intake.Take(request, Cancel);
        await pipe.Writer.WriteAsync(new byte[1000], Cancel); // returns when they are read: more is waited for now
        Assert.False(answer.IsCompleted);
        while (!answer.IsCompleted)
        {
            clock.Advance(RequestBody.ReadWithin);
            await Task.Yield();
        }
        Assert.Equal(408, (await answer).Refusal?.Status);
        using var share = await memory.Reserve(Body.FormLimit, Cancel); // there is room for one of this size
    }

    [Fact]
    public async Task Without_memory_a_delivery_waits_and_is_told_to_come_again()
    {
        using var share = await memory.Reserve(Body.FormLimit, Cancel);
        var request = Request(new MemoryStream());
        request.Request.ContentLength = Body.JsonLimit;
        var answer = intake.Take(request, Cancel);
        while (!answer.IsCompleted)
        {
            clock.Advance(DeliveryIntake.WaitForMemory);
            await Task.Yield();
        }
        var refusal = (await answer).Refusal;
        Assert.Equal((503, true), (refusal?.Status, refusal?.RetryAfter is not null));
    }

    public void Dispose()
    {
        memory.Dispose();
        wrong.Dispose();
        folder.Delete(recursive: true);
    }

    static DefaultHttpContext Request(Stream body)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = body;
        context.Request.ContentType = "application/json";
        context.Request.Headers["X-GitHub-Delivery"] = $"{Guid.NewGuid()}";
        context.Request.Headers["X-GitHub-Event"] = "push";
        context.Request.Headers[Signature.Header] = $"sha256={new string('0', 64)}";
        return context;
    }
}
