using Microsoft.Extensions.Options;
using Nightshift.Gateway.Routes;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Gateway;

/// <summary>Reads the settings before anything starts, and reports every mistake at once.</summary>
static class OptionsReader
{
    /// <exception cref="OptionsValidationException">At least one setting is wrong; each mistake says what to write
    /// instead.</exception>
    public static GatewayOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection("Nightshift").Get<GatewayOptions>() ?? new();
        var mistakes = new[]
        {
            Check(options),
            Check(options.Services),
            Check(options.Gateway),
            Pair(options.Gateway),
            ProxyAddresses.Mistakes(options.Gateway),
            AddressList.Mistakes(options.Services),
        }
            .SelectMany(x => x)
            .ToArray();
        return mistakes.Length == 0
            ? options
            : throw new OptionsValidationException("Nightshift", typeof(GatewayOptions), mistakes);
    }

    static IEnumerable<string> Check<T>(T options)
        where T : class
    {
        try
        {
            OptionsCheck.Require(options);
            return [];
        }
        catch (OptionsValidationException e)
        {
            return e.Failures;
        }
    }

    static IEnumerable<string> Pair(EdgeOptions edge) =>
        (edge.CertificatePath, edge.KeyPath) is (null, not null) or (not null, null)
            ?
            [
                "Nightshift:Gateway:CertificatePath and Nightshift:Gateway:KeyPath belong together: set both for HTTPS, or neither for HTTP",
            ]
            : [];
}
