using System.Buffers.Text;
using System.Security.Cryptography;

namespace Nightshift.Cli.Infrastructure;

/// <summary>One file per secret, readable by its owner only; made up once, kept for good.</summary>
public sealed class Secrets(string directory)
{
    public const string GatewayKey = "gateway-key",
        PostgresPassword = "postgres-password",
        RabbitMqPassword = "rabbitmq-password",
        GitHubWebhookSecret = "github-webhook-secret";

    /// <summary>
    /// The passwords of servers that somebody else runs, beside those of the private ones, which stay for the day they
    /// are wanted again.
    /// </summary>
    public const string GivenPostgresPassword = "postgres-password-given",
        GivenRabbitMqPassword = "rabbitmq-password-given";

    public static readonly IReadOnlyList<string> All =
    [
        GatewayKey,
        PostgresPassword,
        RabbitMqPassword,
        GitHubWebhookSecret,
    ];

    public string Directory => directory;

    public string Get(string name)
    {
        var path = Path.Combine(directory, name);
        if (!File.Exists(path))
            Set(name, Random());
        return File.ReadAllText(path).TrimEnd('\n');
    }

    public void Set(string name, string value) => PrivateFile.Write(Path.Combine(directory, name), value);

    /// <summary>256 random bits that are safe in a URL, a connection string and a shell word.</summary>
    public static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
