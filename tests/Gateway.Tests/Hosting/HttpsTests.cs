using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace Nightshift.Gateway.Tests.Hosting;

public sealed class HttpsTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("nightshift-https-");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    string Certificate => Path.Combine(folder.FullName, "tls.crt");

    string Key => Path.Combine(folder.FullName, "tls.key");

    [Fact]
    public async Task With_a_certificate_the_gateway_speaks_https_and_takes_up_a_renewed_one()
    {
        Renew("first");
        await using var gateway = await RunningGateway.Start(
            upstream: null,
            $"--Nightshift:Gateway:CertificatePath={Certificate}",
            $"--Nightshift:Gateway:KeyPath={Key}"
        );
        Assert.Equal(("https", "CN=first"), (gateway.Address.Scheme, await Presented(gateway)));
        Renew("the-second-one");
        Assert.Equal("CN=the-second-one", await Presented(gateway));
        await File.WriteAllTextAsync(Certificate, "no certificate", Cancel);
        Assert.Equal("CN=the-second-one", await Presented(gateway));
    }

    [Fact]
    public async Task A_certificate_without_its_key_is_a_mistake_that_says_what_to_write()
    {
        var mistake = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            RunningGateway.Start(upstream: null, $"--Nightshift:Gateway:CertificatePath={Certificate}")
        );
        Assert.Contains("set both for HTTPS", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_none_is_a_mistake_that_names_the_settings()
    {
        await File.WriteAllTextAsync(Certificate, "no certificate", Cancel);
        var mistake = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            RunningGateway.Start(
                upstream: null,
                $"--Nightshift:Gateway:CertificatePath={Certificate}",
                $"--Nightshift:Gateway:KeyPath={Key}"
            )
        );
        Assert.Contains("Nightshift:Gateway:CertificatePath", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_gateway_key_is_a_mistake_that_says_where_to_put_it()
    {
        var mistake = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            RunningGateway.Start(upstream: null, "--Nightshift:SecretsDirectory=/nowhere")
        );
        Assert.Contains("Put it into /nowhere/gateway-key", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_missing_setting_is_named_at_once()
    {
        var mistakes = (
            await Assert.ThrowsAsync<OptionsValidationException>(() =>
                GatewayApp.Build(["--Nightshift:Gateway:AnonymousRequestsPerMinute=0"])
            )
        ).Failures;
        foreach (
            var part in new[]
            {
                "TokensFile",
                "Services:Scheduler",
                "Services:Escalation",
                "AnonymousRequestsPerMinute",
            }
        )
            Assert.Contains(mistakes, x => x.Contains(part, StringComparison.Ordinal));
    }

    void Renew(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(2120, 1, 1, 0, 0, 0, TimeSpan.Zero)
        );
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Certificate, made.ExportCertificatePem());
    }

    static async Task<string?> Presented(RunningGateway gateway)
    {
        string? subject = null;
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _) => (subject = shown?.Subject) is not null,
        };
        using var client = new HttpClient(handler) { BaseAddress = gateway.Address };
        using var answer = await client.GetAsync("/healthz", Cancel);
        return answer.StatusCode is HttpStatusCode.OK ? subject : null;
    }

    public void Dispose() => folder.Delete(recursive: true);
}
