using System.Globalization;
using System.Security.Cryptography;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Up;

/// <summary>The six services as parts to supervise.</summary>
public static class Services
{
    const string Gateway = "gateway";
    static readonly IReadOnlyList<string> Inner = ["scheduler", "executor", "webhooks", "healer", "escalation"];
    static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(5) };

    public static readonly IReadOnlyList<string> Names = [.. Inner, Gateway];

    public static string Url(IReadOnlyDictionary<string, int> ports, string service = Gateway) =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[service]}");

    /// <param name="migrate">Each service applies its schema before it starts.</param>
    public static IEnumerable<Part> Describe(Home home, IReadOnlyDictionary<string, int> ports, Endpoints endpoints, bool migrate) =>
        from name in Names
        let program = Program(home, name)
        select new Part(name, ["dotnet", program], c => IsReady(Url(ports, name), c))
        {
            Directory = Path.GetDirectoryName(program),
            Environment = Settings(home, ports, endpoints, name),
            UntilReady = new Dictionary<string, string?> { ["Nightshift__MigrateOnStart"] = migrate ? "true" : "false" },
        };

    /// <summary>Identifies what would run: changes with any of the services' own programs.</summary>
    public static string Build(Home home)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var program in Names.SelectMany(name => Directory.GetFiles(Path.GetDirectoryName(Program(home, name))!, "Nightshift.*.dll")).Order(StringComparer.Ordinal))
            hash.AppendData(File.ReadAllBytes(program));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static string Program(Home home, string name)
    {
        var folder = name == Gateway ? "gateway" : Path.Combine("services", name);
        return Path.Combine(home.Checkout, folder, "bin", "Release", "net10.0", $"Nightshift.{char.ToUpperInvariant(name[0])}{name[1..]}.dll");
    }

    static Dictionary<string, string?> Settings(Home home, IReadOnlyDictionary<string, int> ports, Endpoints endpoints, string name)
    {
        var settings = new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = Url(ports, name),
            ["Nightshift__Postgres"] = endpoints.Postgres,
            ["Nightshift__RabbitMq"] = endpoints.RabbitMq,
            ["Nightshift__SecretsDirectory"] = endpoints.Secrets.Directory,
            ["Nightshift__Docker"] = endpoints.Docker,
            ["Nightshift__DagsDirectory"] = Environment.GetEnvironmentVariable("Nightshift__DagsDirectory") ?? Path.Combine(home.Checkout, "dags"),
            ["Nightshift__TokensFile"] = home.Tokens,
            ["DOTNET_hostBuilder__reloadConfigOnChange"] = "false", // settings come from here; nothing is there to be watched
        };
        foreach (var other in Inner)
            settings[$"Nightshift__Services__{char.ToUpperInvariant(other[0])}{other[1..]}"] = Url(ports, other);
        return settings;
    }

    static async Task<bool> IsReady(string url, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Client.GetAsync($"{url}/readyz", cancellationToken);
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
