using System.Collections.Frozen;
using System.Diagnostics;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Secrets;

/// <summary>
/// Turns a secret's name into its value: a file, then the environment, then the password store. Values are never
/// logged.
/// </summary>
public sealed class SecretStore(IOptions<NightshiftOptions> options, TimeProvider clock)
{
    /// <summary>How long the password store may take; it may be waiting for a passphrase that nobody types.</summary>
    public static readonly TimeSpan PassLimit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the password store is not asked again for a secret it does not have. A stranger's wrong signature must
    /// not start a process each time.
    /// </summary>
    public static readonly TimeSpan MissingFor = TimeSpan.FromSeconds(10);

    readonly Lock gate = new();
    readonly Dictionary<string, Task<string?>> asking = [];
    readonly Dictionary<string, long> missing = [];

    // Named here once, for whoever hands secrets on.
    static readonly FrozenSet<string> OfTheSystem = FrozenSet.Create(
        "gateway-key",
        "postgres-password",
        "postgres-password-given",
        "rabbitmq-password",
        "rabbitmq-password-given",
        "github-webhook-secret",
        "github-webhook-secret-previous"
    );

    /// <summary>
    /// True for the secrets the system itself lives by. Whoever has one passes for a part of it, so they are nobody
    /// else's.
    /// </summary>
    public bool IsOfTheSystem(string name) =>
        OfTheSystem.Contains(name) || name == options.Value.PostgresSecret || name == options.Value.RabbitMqSecret;

    /// <summary>Finds a secret.</summary>
    /// <param name="name">Lower-case letters, digits and dashes, e.g. <c>github-webhook-secret</c>.</param>
    /// <param name="cancellationToken">Ends the wait for the password store.</param>
    /// <returns>The first line without its newline, or null when no provider has it.</returns>
    public async Task<string?> Find(string name, CancellationToken cancellationToken) =>
        await FindText(name, cancellationToken) is { } text ? FirstLine(text) : null;

    /// <summary>Finds a secret that may have several lines, such as a key in PEM.</summary>
    /// <param name="name">As for <see cref="Find"/>.</param>
    /// <param name="cancellationToken">Ends the wait for the password store.</param>
    /// <returns>All of it without the last newline, or null when no provider has it.</returns>
    public async Task<string?> FindText(string name, CancellationToken cancellationToken)
    {
        if (!IsName(name))
            return null;
        return await FromFile(name, cancellationToken)
            ?? Environment.GetEnvironmentVariable($"NIGHTSHIFT_SECRET_{name.ToUpperInvariant().Replace('-', '_')}")
            ?? await FromPass(name, cancellationToken);
    }

    /// <summary>Finds a secret the caller cannot do without.</summary>
    /// <exception cref="OptionsValidationException">No provider has it; the message says where it was looked
    /// for.</exception>
    public async Task<string> Require(string name, CancellationToken cancellationToken) =>
        await Find(name, cancellationToken)
        ?? throw OptionsCheck.Mistake(
            $"Secret '{name}' was not found. Put it into "
                + $"{options.Value.SecretsDirectory ?? "Nightshift:SecretsDirectory"}/{name}, "
                + $"into the variable NIGHTSHIFT_SECRET_{name.ToUpperInvariant().Replace('-', '_')}, or into "
                + $"pass as nightshift/{name}"
        );

    /// <summary>Names are what they look like; anything else could walk out of the directory.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-');

    async Task<string?> FromFile(string name, CancellationToken cancellationToken)
    {
        if (options.Value.SecretsDirectory is not { } directory)
            return null;
        var path = Path.Combine(directory, name);
        return File.Exists(path) ? Text(await File.ReadAllTextAsync(path, cancellationToken)) : null;
    }

    // Whoever asks while an answer is under way shares it; a secret that was found is asked for anew, so that a
    // replaced one counts at once.
    async Task<string?> FromPass(string name, CancellationToken cancellationToken)
    {
        if (
            !(Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(':')
                .Any(x => File.Exists(Path.Combine(x, "pass")))
        )
            return null;
        Task<string?>? answer;
        lock (gate)
        {
            if (missing.TryGetValue(name, out var since) && clock.GetElapsedTime(since) < MissingFor)
                return null;
            if (!asking.TryGetValue(name, out answer))
                asking[name] = answer = Ask(name);
        }
        return await answer.WaitAsync(cancellationToken);
    }

    async Task<string?> Ask(string name)
    {
        await Task.Yield(); // leaves the lock
        string? found = null;
        try
        {
            return found = await AskPass(name);
        }
        finally
        {
            lock (gate)
            {
                asking.Remove(name);
                missing.Remove(name);
                if (found is null)
                    missing[name] = clock.GetTimestamp();
            }
        }
    }

    async Task<string?> AskPass(string name)
    {
        using var limit = new CancellationTokenSource(PassLimit, clock);
        var start = new ProcessStartInfo("pass", ["show", $"nightshift/{name}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var pass = Process.Start(start);
        if (pass is null)
            return null;
        try
        {
            var output = await pass.StandardOutput.ReadToEndAsync(limit.Token);
            await pass.WaitForExitAsync(limit.Token);
            return pass.ExitCode == 0 ? Text(output) : null;
        }
        catch (OperationCanceledException)
        {
            pass.Kill(entireProcessTree: true);
            return null;
        }
    }

    static string? Text(string whole) =>
        (whole.EndsWith('\n') ? whole[..^1].TrimEnd('\r') : whole) is { Length: > 0 } text ? text : null;

    static string? FirstLine(string text) => text.Split('\n')[0].TrimEnd('\r') is { Length: > 0 } line ? line : null;
}
