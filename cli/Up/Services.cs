using System.Globalization;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Up;

/// <summary>The six services as parts to supervise.</summary>
public static class Services
{
    public const string Gateway = "gateway";

    /// <summary>All but the gateway: each has a schema of its name in the database.</summary>
    public static readonly IReadOnlyList<string> WithDatabase =
    [
        "scheduler",
        "executor",
        "webhooks",
        "healer",
        "escalation",
    ];

    // a certificate names the machine, not 127.0.0.1; what answers on our own loopback port is our own process, and it
    // is told nothing
#pragma warning disable CA5359
    static readonly SocketsHttpHandler AnyCertificate = new()
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    };
#pragma warning restore CA5359
    static readonly HttpClient Client = new(AnyCertificate) { Timeout = TimeSpan.FromSeconds(5) };

    public static readonly IReadOnlyList<string> Names = [.. WithDatabase, Gateway];

    public static string Url(IReadOnlyDictionary<string, int> ports, string service = Gateway) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(service == Gateway && HasCertificate ? "https" : "http")}://127.0.0.1:{ports[service]}"
        );

    static bool HasCertificate =>
        Environment.GetEnvironmentVariable("Nightshift__Gateway__CertificatePath") is { Length: > 0 };

    /// <param name="home">Where the programs are, and the state.</param>
    /// <param name="ports">The port of each process.</param>
    /// <param name="endpoints">The infrastructure.</param>
    /// <param name="instances">How many processes there are of each service.</param>
    /// <param name="migrate">Each service applies its schema before it starts.</param>
    /// <param name="adopt">Each service makes a database that is a copy its own.</param>
    /// <returns>The processes of each service, in the order in which they are started: the first one prepares what
    /// the others find.</returns>
    public static IEnumerable<IReadOnlyList<Part>> Describe(
        Home home,
        IReadOnlyDictionary<string, int> ports,
        Endpoints endpoints,
        ServiceInstances instances,
        bool migrate,
        bool adopt = false
    ) =>
        from name in Names
        select (IReadOnlyList<Part>)
            [.. instances.Of(name).Select(x => Describe(home, ports, endpoints, instances, x, migrate, adopt))];

    static Part Describe(
        Home home,
        IReadOnlyDictionary<string, int> ports,
        Endpoints endpoints,
        ServiceInstances instances,
        ServiceInstance instance,
        bool migrate,
        bool adopt
    ) =>
        new(
            instance.Name,
            ["dotnet", Path.Combine(InstalledPrograms.Folder(home), $"Nightshift.{Capital(instance.Service)}.dll")],
            // the gateway is ready when it answers; the others are waited for by themselves
            c => Succeeds($"{Url(ports, instance.Name)}/{(instance.Service == Gateway ? "healthz" : "readyz")}", c)
        )
        {
            Ports = [ports[instance.Name]],
            Directory = InstalledPrograms.Folder(home),
            Liveness = new LivenessProbe(c => IsAlive(Url(ports, instance.Name), c)),
            Environment = Settings(home, ports, endpoints, instances, instance),
            UntilReady = new Dictionary<string, string?>
            {
                ["Nightshift__MigrateOnStart"] = migrate && instance.Number == 1 ? "true" : "false",
                ["Nightshift__AdoptDatabase"] = adopt ? "true" : "false",
            },
        };

    static Dictionary<string, string?> Settings(
        Home home,
        IReadOnlyDictionary<string, int> ports,
        Endpoints endpoints,
        ServiceInstances instances,
        ServiceInstance instance
    )
    {
        var settings = new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = Url(ports, instance.Name),
            ["Nightshift__Installation"] = InstallationId.Of(home),
            ["Nightshift__Postgres"] = endpoints.Postgres,
            ["Nightshift__RabbitMq"] = endpoints.RabbitMq,
            ["Nightshift__PostgresSecret"] = endpoints.PostgresSecret,
            ["Nightshift__RabbitMqSecret"] = endpoints.RabbitMqSecret,
            ["Nightshift__SecretsDirectory"] = endpoints.Secrets.Directory,
            ["Nightshift__Docker"] = endpoints.Docker,
            ["Nightshift__DagsDirectory"] = Path.GetFullPath(
                Environment.GetEnvironmentVariable("Nightshift__DagsDirectory") ?? "dags",
                home.Checkout
            ),
            ["Nightshift__TokensFile"] = home.Tokens,
            ["Nightshift__Supervisor__Process"] = ProcessMark.Of(Environment.ProcessId)?.ToString().Trim(),
            ["Nightshift__Supervisor__RestartLog"] = RestartLog.PathIn(home),
            // settings come from here; nothing is there to be watched
            ["DOTNET_hostBuilder__reloadConfigOnChange"] = "false",
        };
        foreach (var (index, path) in Disks(home, endpoints).Index())
            settings[$"Nightshift__Disk__Paths__{index}"] = path;
        foreach (var other in WithDatabase)
            settings[$"Nightshift__Services__{Capital(other)}"] = string.Join(
                ';',
                instances.Of(other).Select(x => Url(ports, x.Name))
            );
        return settings;
    }

    // Where a full disk would stop the system; folders on other machines are not there.
    static IEnumerable<string> Disks(Home home, Endpoints endpoints) =>
        new[] { home.Root, Path.Combine(home.Root, Postgres.Part), endpoints.DockerRoot }
            .Where(Directory.Exists)
            .Select(path => path!);

    static string Capital(string name) => $"{char.ToUpperInvariant(name[0])}{name[1..]}";

    // Any answer will do: a service whose database is away is not to blame, and a restart would not bring it back.
    static async Task<bool> IsAlive(string url, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Client.GetAsync($"{url}/livez", cancellationToken);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    static async Task<bool> Succeeds(string url, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Client.GetAsync(url, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // not listening yet
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false; // listening, too busy to answer
        }
    }
}
