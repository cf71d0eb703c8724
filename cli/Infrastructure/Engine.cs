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

/// <summary>The private Docker engine, without any network for its containers.</summary>
public static class Engine
{
    public const string Part = "docker";

    /// <returns>The engine's address.</returns>
    /// <exception cref="ProblemException">The engine does not start or cannot enforce limits.</exception>
    public static async Task<string> Start(InfrastructureContext context, CancellationToken cancellationToken)
    {
        var home = context.Home;
        await Containerd.Start(context, cancellationToken);
        var socket = Path.Combine(home.Runtime, "docker.sock");
        var settings = Path.Combine(home.Runtime, "docker.json");
        // in place of the machine's /etc/docker/daemon.json
        PrivateFile.Write(settings, "{}\n");
        await context.Supervisor.Start(
            new Part(
                Part,
                [
                    .. MountNamespace.Enter(home),
                    Machine.Find("dockerd") ?? "dockerd",
                    "--containerd",
                    Containerd.Socket(home),
                    "--config-file",
                    settings,
                    "--host",
                    $"unix://{socket}",
                    "--group",
                    "root",
                    "--data-root",
                    Path.Combine(home.Root, "docker"),
                    "--exec-root",
                    Path.Combine(home.Runtime, "docker"),
                    "--pidfile",
                    Path.Combine(home.Runtime, "dockerd.pid"),
                    "--bridge=none",
                    "--iptables=false",
                    "--ip6tables=false",
                    "--userland-proxy=false",
                    "--log-level",
                    "warn",
                ],
                c => Answers($"unix://{socket}", c)
            )
            {
                Outlives = true,
                Grace = TimeSpan.FromSeconds(30),
                Liveness = LivenessProbe.Patient(c => Answers($"unix://{socket}", c)),
            },
            cancellationToken
        );
        return $"unix://{socket}";
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
