using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Tests.Infrastructure;

/// <summary>A real dockerd and containerd, killed one at a time. Needs root; skipped without it.</summary>
public sealed class RunningEngineTests : IAsyncLifetime
{
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-engine-").FullName;
    readonly Channel<string> said = Channel.CreateUnbounded<string>();
    Supervisor supervisor = null!;
    string endpoint = "";

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    Home Home => new(folder, folder, Path.Combine(folder, "run"));

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(
            Machine.IsRoot && Machine.Find("dockerd") is not null && Machine.Find("containerd") is not null,
            "no root, or no engine"
        );
        Directory.CreateDirectory(Home.Logs);
        PrivateFolder.Ensure(Home.Runtime);
        Action<string> say = line => said.Writer.TryWrite(line);
        supervisor = new Supervisor(Home, TimeProvider.System, say);
        endpoint = await Engine.Start(
            new InfrastructureContext(Home, new Dictionary<string, int>(), new Secrets(Home.Secrets), supervisor, say),
            Cancelled
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (supervisor is not null)
        {
            await supervisor.Stop(Foundation.StopStep);
            await EngineProcesses.EndAbandoned(Home);
        }
        Directory.Delete(folder, recursive: true); // fails while anything is mounted in it
    }

    [Theory]
    [InlineData(Containerd.Part, Engine.Part)]
    [InlineData(Engine.Part, Containerd.Part)]
    public async Task Each_of_the_two_is_killed_alone(string killed, string other)
    {
        var (victim, survivor) = (Running(killed), Running(other));

        Machine.Signal(victim.Pid, Machine.Kill);
        await Until(line => line.StartsWith($"{killed} is back", StringComparison.Ordinal));

        Assert.Equal(survivor, Running(other));
        Assert.NotEqual(victim, Running(killed));
        Assert.Equal(MountNamespaceOf(Engine.Part), MountNamespaceOf(Containerd.Part));
        await ReachesContainerd();
    }

    [Fact]
    public async Task Both_killed_at_once_share_their_mounts_again()
    {
        var (dockerd, containerd) = (Running(Engine.Part), Running(Containerd.Part));
        var mounts = MountNamespaceOf(Engine.Part);

        Machine.Signal(dockerd.Pid, Machine.Kill);
        Machine.Signal(containerd.Pid, Machine.Kill);
        await Until(line => line.StartsWith($"{Engine.Part} is back", StringComparison.Ordinal));
        await ReachesContainerd();

        Assert.NotEqual(dockerd, Running(Engine.Part));
        Assert.NotEqual(containerd, Running(Containerd.Part));
        Assert.Equal((mounts, mounts), (MountNamespaceOf(Engine.Part), MountNamespaceOf(Containerd.Part)));
    }

    ProcessMark Running(string part) =>
        PartProcess.Running(Home, part) ?? throw new InvalidOperationException($"{part} does not run");

    string? MountNamespaceOf(string part) => new FileInfo($"/proc/{Running(part).Pid}/ns/mnt").LinkTarget;

    async Task Until(Func<string, bool> found)
    {
        await foreach (var line in said.Reader.ReadAllAsync(Cancelled))
            if (found(line))
                return;
    }

    // The engine asks containerd for its version, and leaves it out while it cannot.
    async Task ReachesContainerd()
    {
        using var client = Engine.Connect(endpoint);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await pulse.WaitForNextTickAsync(Cancelled))
        {
            var version = await client.GetFromJsonAsync<JsonElement>("/version", Cancelled);
            if (
                version
                    .GetProperty("Components")
                    .EnumerateArray()
                    .Any(x => x.GetProperty("Name").GetString() is "containerd")
            )
                return;
        }
    }
}
