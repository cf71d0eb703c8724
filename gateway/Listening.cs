using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Nightshift.Gateway.Files;
using Nightshift.Gateway.Routes;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Gateway;

/// <summary>How the gateway listens: HTTP by default, HTTPS once there is a certificate.</summary>
static class Listening
{
    public static void UseListening(this IWebHostBuilder host, EdgeOptions edge)
    {
        host.ConfigureKestrel(kestrel =>
        {
            WebServer.Configure(kestrel);
            kestrel.Limits.MaxRequestBodySize = WebhookRequests.FormBytes;
        });
        if (edge is not { CertificatePath: { } certificate, KeyPath: { } key })
            return;

        var initial = Require(certificate, key); // a gateway that was told to speak HTTPS does not start without
        host.UseKestrelHttpsConfiguration();
        host.UseUrls(
            (host.GetSetting(WebHostDefaults.ServerUrlsKey) ?? "http://127.0.0.1:8787").Replace(
                "http://",
                "https://",
                StringComparison.OrdinalIgnoreCase
            )
        );
        host.ConfigureKestrel(kestrel =>
        {
            var log = kestrel.ApplicationServices.GetRequiredService<ILogger<GatewayApp>>();
            var current = new WatchedFile<SslStreamCertificateContext>(
                [certificate, key],
                initial,
                () => Read(certificate, key),
                log
            );
            kestrel.ConfigureHttpsDefaults(https =>
            {
                // Kestrel wants one; the next line takes its place, because only a context sends the chain
                https.ServerCertificateSelector = (_, _) => null;
                https.OnAuthenticate = (_, tls) =>
                    (tls.ServerCertificateSelectionCallback, tls.ServerCertificateContext) = (null, current.Value);
            });
        });
    }

    static SslStreamCertificateContext Require(string certificate, string key)
    {
        try
        {
            return Read(certificate, key);
        }
        catch (FormatException e)
        {
            throw OptionsCheck.Mistake(
                $"Nightshift:Gateway:CertificatePath and Nightshift:Gateway:KeyPath cannot be used: {e.Message}"
            );
        }
    }

    /// <exception cref="FormatException">The files cannot be used together; the message says why.</exception>
    static SslStreamCertificateContext Read(string certificate, string key)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificate);
            return SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(certificate, key),
                chain,
                offline: true
            );
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException(
                $"{certificate} and {key} are not a certificate with its key in PEM form: {e.Message}",
                e
            );
        }
    }
}
