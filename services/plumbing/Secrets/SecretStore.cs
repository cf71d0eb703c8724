using System.Diagnostics;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Secrets;

/// <summary>Turns a secret's name into its value: a file, then the environment, then the password store. Values are never logged.</summary>
public sealed class SecretStore(IOptions<NightshiftOptions> options)
{
    /// <summary>Finds a secret.</summary>
    /// <param name="name">Lower-case letters, digits and dashes, e.g. <c>github-webhook-secret</c>.</param>
    /// <param name="cancellationToken">Ends the wait for the password store.</param>
    /// <returns>The first line without its newline, or null when no provider has it.</returns>
    public async Task<string?> Find(string name, CancellationToken cancellationToken)
    {
        if (!IsName(name)) return null;
        return await FromFile(name, cancellationToken)
            ?? Environment.GetEnvironmentVariable($"NIGHTSHIFT_SECRET_{name.ToUpperInvariant().Replace('-', '_')}")
            ?? await FromPass(name, cancellationToken);
    }

    /// <summary>Finds a secret the caller cannot do without.</summary>
    /// <exception cref="OptionsValidationException">No provider has it; the message says where it was looked for.</exception>
    public async Task<string> Require(string name, CancellationToken cancellationToken) =>
        await Find(name, cancellationToken) ?? throw OptionsCheck.Mistake(
            $"Secret '{name}' was not found. Put it into {options.Value.SecretsDirectory ?? "Nightshift:SecretsDirectory"}/{name}, " +
            $"into the variable NIGHTSHIFT_SECRET_{name.ToUpperInvariant().Replace('-', '_')}, or into pass as nightshift/{name}");

    /// <summary>Names are what they look like; anything else could walk out of the directory.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-');

    async Task<string?> FromFile(string name, CancellationToken cancellationToken)
    {
        if (options.Value.SecretsDirectory is not { } directory) return null;
        var path = Path.Combine(directory, name);
        return File.Exists(path) ? FirstLine(await File.ReadAllTextAsync(path, cancellationToken)) : null;
    }

    static async Task<string?> FromPass(string name, CancellationToken cancellationToken)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(x => File.Exists(Path.Combine(x, "pass")))) return null;
        var start = new ProcessStartInfo("pass", ["show", $"nightshift/{name}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var pass = Process.Start(start);
        if (pass is null) return null;
        var output = await pass.StandardOutput.ReadToEndAsync(cancellationToken);
        await pass.WaitForExitAsync(cancellationToken);
        return pass.ExitCode == 0 ? FirstLine(output) : null;
    }

    static string? FirstLine(string text) => text.Split('\n')[0].TrimEnd('\r') is { Length: > 0 } line ? line : null;
}
