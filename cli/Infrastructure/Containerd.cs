using System.Net;
using System.Net.Http.Headers;
using Nightshift.Cli.Supervision;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// The private engine's containerd. It is a part of its own: dockerd would start one that it supervises only ten
/// seconds after its death, and would wait fifteen for one that outlived its dockerd.
/// </summary>
public static class Containerd
{
    public const string Part = "containerd";

    // where dockerd keeps those of a containerd that it supervises: containers of such an engine are found again
    static string Folder(Home home) => Path.Combine(home.Runtime, "docker", "containerd");

    /// <summary>Where it listens. Shims name it on their command line.</summary>
    public static string Socket(Home home) => Path.Combine(Folder(home), "containerd.sock");

    /// <summary>Its settings. Names the home on its command line.</summary>
    public static string Settings(Home home) => Path.Combine(Folder(home), "containerd.toml");

    /// <exception cref="ProblemException">It does not start.</exception>
    public static async Task Start(InfrastructureContext context, CancellationToken cancellationToken)
    {
        var home = context.Home;
        await EndUnsupervised(home);
        await MountNamespace.Create(home, cancellationToken);
        Directory.CreateDirectory(Folder(home), PrivateFolder.Mode);
        PrivateFile.Write(Settings(home), Configuration(home));
        await context.Supervisor.Start(
            new Part(
                Part,
                [
                    .. MountNamespace.Enter(home),
                    Machine.Find("containerd") ?? "containerd",
                    "--config",
                    Settings(home),
                    "--log-level",
                    "warn",
                ],
                c => Answers(Socket(home), c)
            )
            {
                Outlives = true,
                Grace = TimeSpan.FromSeconds(10),
                Liveness = LivenessProbe.Patient(c => Answers(Socket(home), c)),
            },
            cancellationToken
        );
    }

    // Of an earlier version, whose dockerd supervised it: it has no mark, and holds the database that the new one
    // needs.
    static async Task EndUnsupervised(Home home)
    {
        if (PartProcess.Running(home, Part) is not null)
            return;
        if (EngineProcesses.HasContainerd(home) && PartProcess.Running(home, Engine.Part) is { } dockerd)
            await OrphanProcesses.End(Engine.Part, dockerd);
        await EngineProcesses.EndContainerd(home);
    }

    static string Configuration(Home home) =>
        $"""
            version = 2
            root = "{Path.Combine(home.Root, "docker", "containerd", "daemon")}"
            state = "{Path.Combine(Folder(home), "daemon")}"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]

            [grpc]
              address = "{Socket(home)}"

            [debug]
              level = "warn"

            """;

    /// <summary>Calls the version service, whose request is an empty message: five bytes of gRPC framing.</summary>
    /// <returns>False while nothing listens there, or what listens does not answer as containerd.</returns>
    static async Task<bool> Answers(string socket, CancellationToken cancellationToken)
    {
        try
        {
            using var client = Engine.Connect($"unix://{socket}");
            using var request = new HttpRequestMessage(
                HttpMethod.Post,
                "/containerd.services.version.v1.Version/Version"
            )
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(new byte[5])
                {
                    Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") },
                },
            };
            request.Headers.TE.Add(new("trailers"));
            using var response = await client.SendAsync(request, cancellationToken);
            return response.TrailingHeaders.TryGetValues("grpc-status", out var status) && status.Single() == "0";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
