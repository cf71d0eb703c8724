using System.Text.Json;
using Nightshift.Cli.Client;
using Nightshift.Cli.Tests.Client;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Tests.Tokens;

/// <summary>Alone, because the home is named by a variable of the whole process.</summary>
[CollectionDefinition(nameof(HomeVariable), DisableParallelization = true)]
public sealed class HomeVariable;

[Collection(nameof(HomeVariable))]
public sealed class TokenCommandTests : IDisposable
{
    readonly DirectoryInfo home = Directory.CreateTempSubdirectory("nightshift-home-");
    readonly string? before = Environment.GetEnvironmentVariable("NIGHTSHIFT_HOME");

    public TokenCommandTests() => Environment.SetEnvironmentVariable("NIGHTSHIFT_HOME", home.FullName);

    [Fact]
    public async Task A_token_is_printed_once_and_kept_as_its_hash()
    {
        var made = await CommandLine.Run("tokens", "create", "ci", "--role", "operator");
        var token = made.Out.Trim();
        var file = await File.ReadAllTextAsync(
            Path.Combine(home.FullName, "tokens.json"),
            TestContext.Current.CancellationToken
        );
        Assert.StartsWith("ns_", token, StringComparison.Ordinal);
        Assert.DoesNotContain(token, file, StringComparison.Ordinal);
        var entry = JsonSerializer.Deserialize<JsonElement>(file)[0];
        Assert.Equal(
            ("ci", "operator", Access.Hash(token)),
            (entry.Text("name"), entry.Text("role"), entry.Text("sha256"))
        );
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Combine(home.FullName, "tokens.json"))
        );
    }

    [Fact]
    public async Task A_name_is_given_once_and_free_again_when_revoked()
    {
        Assert.Equal(ExitCodes.Ok, (await CommandLine.Run("tokens", "create", "ci")).ExitCode);
        var again = await CommandLine.Run("tokens", "create", "ci");
        Assert.Equal((ExitCodes.Failed, ""), (again.ExitCode, again.Out));
        Assert.Contains("tokens revoke ci", again.Error, StringComparison.Ordinal);
        Assert.Contains("\nci    viewer", (await CommandLine.Run("tokens", "list")).Out, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, (await CommandLine.Run("tokens", "revoke", "ci")).ExitCode);
        Assert.Equal(ExitCodes.Failed, (await CommandLine.Run("tokens", "revoke", "ci")).ExitCode);
        Assert.Equal(ExitCodes.Ok, (await CommandLine.Run("tokens", "create", "ci")).ExitCode);
    }

    [Fact]
    public async Task Without_anything_started_here_the_commands_say_so()
    {
        var run = await CommandLine.Run("status");
        Assert.Equal(ExitCodes.Unreachable, run.ExitCode);
        Assert.Contains("./nightshift up", run.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("NIGHTSHIFT_HOME", before);
        home.Delete(recursive: true);
    }
}
