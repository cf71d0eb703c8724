using System.Diagnostics;
using System.Net.Sockets;
using Nightshift.Executor.Engines;
using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

/// <summary>A Docker engine of the test's own, to be killed. Needs root; tests are skipped without it.</summary>
sealed class OwnEngine : IAsyncDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("nightshift-test-engine-");
    Process? dockerd;

    public string Endpoint => $"unix://{folder}/docker.sock";

    public static async Task<OwnEngine> Start(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && Find() is not null, "no root, or no dockerd");
        var engine = new OwnEngine();
        try
        {
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
        await File.WriteAllTextAsync($"{folder}/docker.json", "{}", cancellationToken);
        string[] arguments =
        [
            "--mount",
            "--propagation=shared",
            Find()!,
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
        dockerd = Process.Start(
            new ProcessStartInfo("unshare", arguments) { RedirectStandardError = true, RedirectStandardOutput = true }
        )!;
        dockerd.BeginErrorReadLine();
        dockerd.BeginOutputReadLine();
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

    /// <summary>Kills the engine as the kernel would when memory is short; its containers' shims live on.</summary>
    public async Task Kill(CancellationToken cancellationToken)
    {
        dockerd!.Kill();
        await dockerd.WaitForExitAsync(cancellationToken);
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
