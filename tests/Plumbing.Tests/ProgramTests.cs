using System.Diagnostics;
using Nightshift.Plumbing.Probe;

namespace Nightshift.Plumbing.Tests;

/// <summary>What a service's program says and ends with when it cannot start.</summary>
public sealed class ProgramTests
{
    static readonly string[] Reachable =
    [
        "--Nightshift:Postgres=Host=127.0.0.1;Port=1",
        "--Nightshift:RabbitMq=amqp://nobody@127.0.0.1:1/",
    ];

    static readonly Dictionary<string, string> Secrets = new()
    {
        ["NIGHTSHIFT_SECRET_GATEWAY_KEY"] = "key",
        ["NIGHTSHIFT_SECRET_POSTGRES_PASSWORD"] = "password",
        ["NIGHTSHIFT_SECRET_RABBITMQ_PASSWORD"] = "password",
    };

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--Nightshift:Prefetch=0", "Nightshift:Prefetch must be a number from 1 to 1000")]
    [InlineData("--Nightshift:Prefetch=ten", "'ten' at 'Nightshift:Prefetch'")]
    [InlineData(
        "--Nightshift:RabbitMq=127.0.0.1:5672",
        "Nightshift:RabbitMq is no AMQP address. Write for example amqp://"
    )]
    [InlineData("--Nightshift:Postgres=Server 127.0.0.1", "Nightshift:Postgres cannot be read")]
    [InlineData("--Nightshift:Installation=Staging", "Nightshift:Installation is 'Staging'; write 1 to 20 lower-case")]
    // found when the service starts, not when it is built
    [InlineData("--Probe:Limit=0", "Probe:Limit must be a number from 1 to 9")]
    public async Task Wrong_settings_are_said_in_sentences_without_a_trace(string setting, string sentence)
    {
        var (exitCode, output) = await Run(Secrets, setting);
        Assert.Equal(78, exitCode);
        Assert.Contains(sentence, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("DataAnnotation", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_secret_is_said_with_the_places_where_it_may_be()
    {
        var (exitCode, output) = await Run(secrets: [], "--Nightshift:SecretsDirectory=/nowhere");
        Assert.Equal(78, exitCode);
        Assert.StartsWith(
            "Secret 'gateway-key' was not found. Put it into /nowhere/gateway-key",
            output,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    static async Task<(int ExitCode, string Output)> Run(Dictionary<string, string> secrets, string setting)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ProbeService).Assembly.Location, .. Reachable, setting])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in secrets)
            start.Environment[name] = value;
        using var program = Process.Start(start)!;
        var output = await Task.WhenAll(
            program.StandardOutput.ReadToEndAsync(Cancelled),
            program.StandardError.ReadToEndAsync(Cancelled)
        );
        await program.WaitForExitAsync(Cancelled);
        return (program.ExitCode, string.Concat(output));
    }
}
