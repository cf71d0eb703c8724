namespace Nightshift.Bench;

/// <summary>Where the services of one home find their database, broker and engine, with the passwords.</summary>
/// <param name="Postgres">An Npgsql connection string.</param>
/// <param name="RabbitMq">An AMQP address.</param>
/// <param name="Docker">The engine's address.</param>
sealed record ServiceAddresses(string Postgres, Uri RabbitMq, string Docker);

/// <summary>The six services that run from one home, as the kernel shows them.</summary>
static class ServiceProcesses
{
    static readonly string[] Services = ["Scheduler", "Executor", "Webhooks", "Healer", "Escalation", "Gateway"];

    /// <summary>Their folders below <c>/proc</c>.</summary>
    public static IEnumerable<string> Of(string home) =>
        Directory
            .EnumerateDirectories("/proc")
            .Where(x => int.TryParse(Path.GetFileName(x), out _))
            .Where(x =>
            {
                var command = Text(x, "cmdline");
                return Services.Any(y => command.Contains($"Nightshift.{y}.dll", StringComparison.Ordinal))
                    && Text(x, "environ").Contains($"={home}/secrets\0", StringComparison.Ordinal);
            });

    /// <summary>What the services were told, whoever runs database, broker and engine.</summary>
    public static ServiceAddresses AddressesOf(string home)
    {
        var settings = Of(home)
            .Select(x => Text(x, "environ").Split('\0').Select(y => y.Split('=', 2)).Where(y => y.Length == 2))
            .Select(x => x.DistinctBy(y => y[0]).ToDictionary(y => y[0], y => y[1]))
            .First(x => x.ContainsKey("Nightshift__Docker"));
        return new(
            $"{settings["Nightshift__Postgres"]};Password={Secret("Nightshift__PostgresSecret")}",
            WithPassword(settings["Nightshift__RabbitMq"], Secret("Nightshift__RabbitMqSecret")),
            settings["Nightshift__Docker"]
        );

        string Secret(string setting) =>
            File.ReadAllText(Path.Combine(settings["Nightshift__SecretsDirectory"], settings[setting])).TrimEnd('\n');
    }

    /// <summary>A file of a process; empty when it has gone, or is somebody else's.</summary>
    public static string Text(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    static Uri WithPassword(string address, string password)
    {
        var uri = new UriBuilder(address) { Password = Uri.EscapeDataString(password) };
        return uri.Uri;
    }
}
