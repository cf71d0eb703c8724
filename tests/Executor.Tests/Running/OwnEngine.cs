using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Nightshift.Executor.Engines;
using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

/// <summary>A Docker engine of the test's own, to be killed. Needs root; tests are skipped without it.</summary>
sealed class OwnEngine : IAsyncDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("nightshift-test-engine-");
    readonly bool liveRestore;
    Process? dockerd,
        containerd;

    OwnEngine(bool liveRestore) => this.liveRestore = liveRestore;

    public string Endpoint => $"unix://{folder}/docker.sock";

    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="liveRestore">Its containers go on while it is away, in a containerd of their own.</param>
    public static async Task<OwnEngine> Start(CancellationToken cancellationToken, bool liveRestore = false)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && Find() is not null, "no root, or no dockerd");
        var engine = new OwnEngine(liveRestore);
        try
        {
            if (liveRestore)
                await engine.StartContainerd(cancellationToken);
            await engine.Up(cancellationToken);
            await engine.LoadImage(cancellationToken);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, for the first time or after it was killed.</summary>
    public async Task Up(CancellationToken cancellationToken)
    {
        File.Delete($"{folder}/dockerd.pid");
        await File.WriteAllTextAsync(
            $"{folder}/docker.json",
            liveRestore ? """{ "live-restore": true }""" : "{}",
            cancellationToken
        );
        string[] arguments =
        [
            .. containerd is null
                ? ["unshare", "--mount", "--propagation=shared"]
                : new[] { "nsenter", $"--mount=/proc/{containerd.Id}/ns/mnt" },
            Find()!,
            .. containerd is null ? [] : new[] { $"--containerd={folder}/containerd.sock" },
            $"--config-file={folder}/docker.json",
            $"--host={Endpoint}",
            $"--data-root={folder}/data",
            $"--exec-root={folder}/run",
            $"--pidfile={folder}/dockerd.pid",
            "--group=root",
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false",
            "--log-level=error",
        ];
        dockerd = Launch(arguments);
        using var engine = EngineSetup.Connect(Endpoint, TimeProvider.System);
        await Eventually.Is(
            async token =>
            {
                try
                {
                    return await engine.Info(token) is not null;
                }
                catch (EngineException)
                {
                    return dockerd.HasExited ? throw new InvalidOperationException("dockerd ends") : false;
                }
            },
            "the engine to answer",
            cancellationToken
        );
    }

    async Task StartContainerd(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(
            $"{folder}/containerd.toml",
            $"""
            version = 2
            root = "{folder}/data/containerd"
            state = "{folder}/run/containerd"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
            address = "{folder}/containerd.sock"
            """,
            cancellationToken
        );
        containerd = Launch(
            "unshare",
            "--mount",
            "--propagation=shared",
            "containerd",
            $"--config={folder}/containerd.toml"
        );
        await Eventually.Is(
            _ => Task.FromResult(File.Exists($"{folder}/containerd.sock")),
            "containerd to listen",
            cancellationToken
        );
    }

    static Process Launch(params string[] command)
    {
        var process = Process.Start(
            new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    /// <summary>Kills the engine as the kernel would when memory is short; its containers' shims live on.</summary>
    public async Task Kill(CancellationToken cancellationToken)
    {
        dockerd!.Kill();
        await dockerd.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Runs a command in its only running container.</summary>
    public async Task Execute(string command, CancellationToken cancellationToken)
    {
        using var client = Connect(Endpoint);
        var running = await client.GetFromJsonAsync<JsonElement[]>("/containers/json", cancellationToken);
        var container = Assert.Single(running!).GetProperty("Id").GetString();
        using var made = await client.PostAsJsonAsync(
            $"/containers/{container}/exec",
            new { Cmd = new[] { "sh", "-c", command } },
            cancellationToken
        );
        var id = (await made.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("Id").GetString();
        using var ran = await client.PostAsJsonAsync($"/exec/{id}/start", new { Detach = true }, cancellationToken);
        ran.EnsureSuccessStatusCode();
    }

    /// <summary>Kills the part of it that keeps the containers.</summary>
    public void KillContainerd() => Processes().Single(x => x.ProcessName == "containerd").Kill();

    public async ValueTask DisposeAsync()
    {
        if (dockerd is { HasExited: false })
        {
            using (var end = Process.Start("kill", [$"{dockerd.Id}"]))
                await end.WaitForExitAsync();
            await dockerd.WaitForExitAsync();
        }
        foreach (var left in Processes())
            left.Kill();
        using var remove = Process.Start("rm", ["-rf", folder.FullName]);
        await remove.WaitForExitAsync();
    }

    static string? Find() =>
        File.Exists("/usr/sbin/dockerd") ? "/usr/sbin/dockerd"
        : File.Exists("/usr/bin/dockerd") ? "/usr/bin/dockerd"
        : null;

    // Its own folder is on the command line of each of its processes.
    IEnumerable<Process> Processes() =>
        Process
            .GetProcesses()
            .Where(x =>
            {
                try
                {
                    return File.ReadAllText($"/proc/{x.Id}/cmdline").Contains(folder.Name, StringComparison.Ordinal);
                }
                catch (IOException) // ended meanwhile
                {
                    return false;
                }
            });

    async Task LoadImage(CancellationToken cancellationToken)
    {
        using var from = Connect(RunningExecutor.Docker);
        using var to = Connect(Endpoint);
        await using var image = await from.GetStreamAsync($"/images/{Tasks.Image}/get", cancellationToken);
        using var loaded = await to.PostAsync("/images/load", new StreamContent(image), cancellationToken);
        loaded.EnsureSuccessStatusCode();
        await loaded.Content.ReadAsStringAsync(cancellationToken);
    }

    static HttpClient Connect(string endpoint) =>
        new(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, token) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint["unix://".Length..]), token);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        )
        {
            BaseAddress = new Uri("http://docker"),
        };
}
