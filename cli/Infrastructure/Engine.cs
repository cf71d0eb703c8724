using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Infrastructure;

/// <summary>The part of the engine's <c>GET /info</c> that decides whether sealed containers can be sealed.</summary>
public sealed record EngineInfo(
    [property: JsonPropertyName("MemoryLimit")] bool MemoryLimit,
    [property: JsonPropertyName("PidsLimit")] bool PidsLimit,
    [property: JsonPropertyName("CpuCfsQuota")] bool CpuQuota,
    [property: JsonPropertyName("ServerVersion")] string? Version,
    [property: JsonPropertyName("SecurityOptions")] IReadOnlyList<string>? SecurityOptions,
    [property: JsonPropertyName("DockerRootDir")] string? RootDirectory = null
)
{
    bool FiltersSystemCalls => (SecurityOptions ?? []).Any(x => x.StartsWith("name=seccomp", StringComparison.Ordinal));

    /// <returns>What the engine cannot enforce, as a sentence; null when it can do all that is needed.</returns>
    public string? Refusal
    {
        get
        {
            string[] missing =
            [
                .. new[] { (MemoryLimit, "memory"), (PidsLimit, "processes"), (CpuQuota, "CPU time") }
                    .Where(l => !l.Item1)
                    .Select(l => l.Item2),
            ];
            return missing.Length > 0
                    ? $"The Docker engine cannot limit {string.Join(" or ", missing)} of a container, so a task "
                        + "could take the machine down. "
                        + "Boot with those cgroup controllers enabled (a rootless engine needs cgroup v2 with "
                        + "delegation), or name another engine with DOCKER_HOST."
                : !FiltersSystemCalls
                    ? "The Docker engine does not filter system calls (seccomp), so a task would not be confined. "
                        + "Boot a kernel with CONFIG_SECCOMP and use an engine built with it, or name another "
                        + "engine with DOCKER_HOST."
                : null;
        }
    }
}

/// <summary>
/// The private Docker engine, without any network for its containers: dockerd, and containerd as a part of its own. A
/// dockerd that starts its containerd itself leaves a killed one dead for ten seconds.
/// </summary>
public static class Engine
{
    public const string Part = "docker",
        Containerd = "containerd";

    /// <summary>How long a container may take to end when everything is stopped; Docker's own default.</summary>
    static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    /// <returns>The engine's address.</returns>
    /// <exception cref="ProblemException">The engine does not start or cannot enforce limits.</exception>
    public static async Task<string> Start(InfrastructureContext context, CancellationToken cancellationToken)
    {
        var (home, supervisor) = (context.Home, context.Supervisor);
        var endpoint = EndpointOf(home);
        await EndForeignLayout(home);
        await supervisor.Start(ContainerdPart(home, endpoint, supervisor), cancellationToken);
        await supervisor.Start(DockerPart(home, endpoint), cancellationToken);
        return endpoint;
    }

    static string EndpointOf(Home home) => $"unix://{Path.Combine(home.Runtime, "docker.sock")}";

    // A dockerd of a version that started containerd itself holds the same data.
    static async Task EndForeignLayout(Home home)
    {
        if (PartProcess.Running(home, Part) is { } docker && PartProcess.Running(home, Containerd) is null)
            await Up.OrphanProcesses.End(Part, docker);
    }

    // Containers that ended while it was away are known to nobody: a dockerd that starts looks at all of them.
    static Part ContainerdPart(Home home, string endpoint, Supervisor supervisor)
    {
        var settings = Path.Combine(home.ContainerdFolder, "containerd.toml");
        PrivateFolder.Ensure(home.ContainerdFolder);
        PrivateFile.Write(settings, ContainerdSettings(home));
        return new Part(
            Containerd,
            [
                .. EngineNamespace.Enter(home.Mark(Part), "dockerd", wait: false),
                Machine.Find("containerd") ?? "containerd",
                "--config",
                settings,
            ],
            c => Accepts(home.ContainerdSocket, c)
        )
        {
            Outlives = true,
            Grace = TimeSpan.FromSeconds(30),
            Liveness = LivenessProbe.Patient(c => ContainerdAnswers(endpoint, c)),
            OnBack = () => supervisor.Restart(Part),
        };
    }

    static Part DockerPart(Home home, string endpoint)
    {
        var settings = Path.Combine(home.Runtime, "docker.json");
        // In place of the machine's /etc/docker/daemon.json. Containers go on while the engine is away.
        PrivateFile.Write(settings, """{ "live-restore": true }""");
        return new Part(
            Part,
            [
                .. EngineNamespace.Enter(home.Mark(Containerd), Containerd, wait: true),
                Machine.Find("dockerd") ?? "dockerd",
                "--config-file",
                settings,
                "--host",
                endpoint,
                "--group",
                "root",
                "--data-root",
                Path.Combine(home.Root, "docker"),
                "--exec-root",
                Path.Combine(home.Runtime, "docker"),
                "--pidfile",
                Path.Combine(home.Runtime, "dockerd.pid"),
                "--containerd",
                home.ContainerdSocket,
                "--bridge=none",
                "--iptables=false",
                "--ip6tables=false",
                "--userland-proxy=false",
                "--log-level",
                "warn",
            ],
            c => Answers(endpoint, c)
        )
        {
            Outlives = true,
            Grace = TimeSpan.FromSeconds(30),
            Liveness = LivenessProbe.Patient(c => Answers(endpoint, c)),
            BeforeStop = c => StopContainers(endpoint, c),
        };
    }

    static string ContainerdSettings(Home home) =>
        $"""
            version = 2
            root = "{Path.Combine(home.Root, "docker", "containerd", "daemon")}"
            state = "{Path.Combine(home.ContainerdFolder, "state")}"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]

            [grpc]
            address = "{home.ContainerdSocket}"

            [debug]
            level = "warn"

            """;

    /// <summary>Stops the containers of an engine that no supervisor watches any more.</summary>
    public static async Task StopContainers(Home home)
    {
        if (PartProcess.Running(home, Part) is null)
            return;
        try
        {
            using var limit = new CancellationTokenSource(StopGrace * 2);
            await StopContainers(EndpointOf(home), limit.Token);
        }
        // they are killed later
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException) { }
    }

    // As an engine does that stops for good; this one leaves them running.
    static async Task StopContainers(string endpoint, CancellationToken cancellationToken)
    {
        using var client = Connect(endpoint);
        using var running = JsonDocument.Parse(await client.GetStringAsync("/containers/json", cancellationToken));
        await Task.WhenAll(running.RootElement.EnumerateArray().Select(x => Stop(x.GetProperty("Id").GetString()!)));

        async Task Stop(string container)
        {
            var path = $"/containers/{container}/stop?t={StopGrace.TotalSeconds:0}";
            using var answer = await client.PostAsync(path, content: null, cancellationToken);
        }
    }

    static async Task<bool> Accepts(string socket, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // Docker asks containerd for its version. A dockerd that does not answer at all says nothing about containerd.
    static async Task<bool> ContainerdAnswers(string endpoint, CancellationToken cancellationToken)
    {
        if (!await Answers(endpoint, cancellationToken))
            return true;
        try
        {
            using var client = Connect(endpoint);
            using var response = await client.GetAsync("/version", cancellationToken);
            return true;
        }
        catch (HttpRequestException)
        {
            return true; // dockerd went away meanwhile
        }
    }

    /// <exception cref="ProblemException">Nobody answers there, or the engine cannot enforce limits.</exception>
    public static async Task<EngineInfo> Require(string endpoint, CancellationToken cancellationToken)
    {
        try
        {
            using var client = Connect(endpoint);
            var info = JsonSerializer.Deserialize<EngineInfo>(await client.GetStringAsync("/info", cancellationToken));
            return info is { Refusal: null }
                ? info
                : throw new ProblemException(info?.Refusal ?? $"{endpoint} does not answer like a Docker engine.");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw new ProblemException($"No Docker engine answers at {endpoint}: {e.GetBaseException().Message}.");
        }
    }

    public static async Task<bool> Answers(string endpoint, CancellationToken cancellationToken)
    {
        try
        {
            using var client = Connect(endpoint);
            using var response = await client.GetAsync("/_ping", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <param name="endpoint"><c>unix:///path</c>, <c>tcp://host:port</c> or <c>http://host:port</c>.</param>
    public static HttpClient Connect(string endpoint)
    {
        if (!endpoint.StartsWith("unix://", StringComparison.Ordinal))
            return new HttpClient
            {
                BaseAddress = new Uri(endpoint.Replace("tcp://", "http://", StringComparison.Ordinal)),
                Timeout = Timeout.InfiniteTimeSpan,
            };
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(
                        new UnixDomainSocketEndPoint(endpoint["unix://".Length..]),
                        cancellationToken
                    );
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return new HttpClient(handler) { BaseAddress = new Uri("http://docker"), Timeout = Timeout.InfiniteTimeSpan };
    }
}
