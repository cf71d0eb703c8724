using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;

namespace Nightshift.Gateway.Tests.Hosting;

/// <summary>
/// The gateway as it runs, on a free port of loopback, with a folder of its own for secrets and tokens.
/// </summary>
sealed class RunningGateway : IAsyncDisposable
{
    public const string Key = "the-gateway-key";
    public static readonly IReadOnlyList<string> Services =
    [
        "Scheduler",
        "Executor",
        "Webhooks",
        "Healer",
        "Escalation",
    ];
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("nightshift-gateway-");
    WebApplication? app;

    public string TokensFile => Path.Combine(folder.FullName, "tokens.json");

    public Uri Address => new(app!.Urls.First());

    /// <param name="upstream">Stands for all five services; null leaves them down.</param>
    /// <param name="settings">Further settings, <c>--name=value</c>.</param>
    public static async Task<RunningGateway> Start(Upstream? upstream, params string[] settings)
    {
        var gateway = new RunningGateway();
        await File.WriteAllTextAsync(
            Path.Combine(gateway.folder.FullName, "gateway-key"),
            Key,
            TestContext.Current.CancellationToken
        );
        gateway.WriteTokens(("vera", "viewer"), ("oscar", "operator"), ("ada", "admin"));
        var address = upstream?.Address.ToString() ?? "http://127.0.0.1:1"; // nobody listens on port 1
        gateway.app = await GatewayApp.Build([
            "--urls=http://127.0.0.1:0",
            "--Logging:LogLevel:Default=None",
            $"--Nightshift:TokensFile={gateway.TokensFile}",
            $"--Nightshift:SecretsDirectory={gateway.folder.FullName}",
            .. Services.Select(x => $"--Nightshift:Services:{x}={address}"),
            .. settings,
        ]);
        await gateway.app.StartAsync(TestContext.Current.CancellationToken);
        return gateway;
    }

    /// <summary>Replaces the file of tokens; each name's token is <see cref="TokenOf"/>.</summary>
    public void WriteTokens(params (string Name, string Role)[] tokens) =>
        File.WriteAllText(
            TokensFile,
            $"[{string.Join(',', tokens.Select(x => $$"""{"name":"{{x.Name}}","role":"{{x.Role}}","sha256":"{{Hash(TokenOf(x.Name))}}","createdAt":"2026-01-31T09:00:00Z"}"""))}]"
        );

    public static string TokenOf(string name) => $"ns_{name}";

    /// <summary>A client with the token of a name; without one for null.</summary>
    public HttpClient Client(string? name = null)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (name is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(name));
        return client;
    }

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
