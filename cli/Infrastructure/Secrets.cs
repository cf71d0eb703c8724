using System.Buffers.Text;
using System.Security.Cryptography;

namespace Nightshift.Cli.Infrastructure;

/// <summary>One file per secret, readable by its owner only; made up once, kept for good.</summary>
public sealed class Secrets(string directory)
{
    public const string GatewayKey = "gateway-key", PostgresPassword = "postgres-password",
        RabbitMqPassword = "rabbitmq-password", GitHubWebhookSecret = "github-webhook-secret";

    public static readonly IReadOnlyList<string> All = [GatewayKey, PostgresPassword, RabbitMqPassword, GitHubWebhookSecret];

    public string Directory => directory;

    public string Get(string name)
    {
        var path = Path.Combine(directory, name);
        if (!File.Exists(path)) Set(name, Random());
        return File.ReadAllText(path).TrimEnd('\n');
    }

    public void Set(string name, string value) => PrivateFile.Write(Path.Combine(directory, name), value);

    /// <summary>The same secrets in another folder, where some may then be replaced.</summary>
    public Secrets CopyTo(string other)
    {
        System.IO.Directory.CreateDirectory(other, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var copy = new Secrets(other);
        foreach (var name in All) copy.Set(name, Get(name));
        return copy;
    }

    /// <summary>256 random bits that are safe in a URL, a connection string and a shell word.</summary>
    public static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
