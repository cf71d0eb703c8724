using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Secrets;
using Nightshift.Testing;

namespace Nightshift.Plumbing.Tests;

/// <summary>A password store that is slow, locked, or asked too often.</summary>
public sealed class SecretStoreTests : IDisposable
{
    static readonly string? Path = Environment.GetEnvironmentVariable("PATH");
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("nightshift-pass-");
    readonly FakeTimeProvider clock = new();
    readonly SecretStore secrets;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public SecretStoreTests()
    {
        secrets = new SecretStore(Options.Create(new NightshiftOptions()), clock);
        var pass = System.IO.Path.Combine(folder.FullName, "pass");
        File.WriteAllText(
            pass,
            $"""
            #!/bin/sh
            echo $$ >>{folder}/$(basename "$2").asked
            case $2 in
              */test-kept) echo kept ;;
              */test-lines) printf 'first\r\nsecond\n' ;;
              */test-locked) exec sleep 1000 ;;
              *) exit 1 ;;
            esac
            """
        );
        File.SetUnixFileMode(pass, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable("PATH", $"{folder}:{Path}");
    }

    [Fact]
    public async Task A_secret_of_several_lines_is_had_whole_or_by_its_first()
    {
        Assert.Equal("first\r\nsecond", await secrets.FindText("test-lines", Cancelled));
        Assert.Equal("first", await secrets.Find("test-lines", Cancelled));
        Assert.Equal("kept", await secrets.FindText("test-kept", Cancelled));
    }

    [Fact]
    public async Task A_secret_it_does_not_have_is_asked_for_once_in_a_while()
    {
        Assert.All(
            await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => secrets.Find("test-missing", Cancelled))),
            Assert.Null
        );
        Assert.Null(await secrets.Find("test-missing", Cancelled));
        Assert.Single(Asked("test-missing"));

        clock.Advance(SecretStore.MissingFor);
        Assert.Null(await secrets.Find("test-missing", Cancelled));
        Assert.Equal(2, Asked("test-missing").Length);
    }

    [Theory]
    [InlineData("our-database", true)]
    [InlineData("our-broker", true)]
    [InlineData("gateway-key", true)]
    [InlineData("my-key", false)]
    public void A_password_under_a_name_of_its_own_is_the_systems_too(string name, bool ofTheSystem)
    {
        var named = new SecretStore(
            Options.Create(new NightshiftOptions { PostgresSecret = "our-database", RabbitMqSecret = "our-broker" }),
            clock
        );
        Assert.Equal(ofTheSystem, named.IsOfTheSystem(name));
    }

    [Fact]
    public async Task A_secret_it_has_is_asked_for_each_time()
    {
        Assert.Equal("kept", await secrets.Find("test-kept", Cancelled));
        Assert.Equal("kept", await secrets.Find("test-kept", Cancelled));
        Assert.Equal(2, Asked("test-kept").Length);
    }

    [Fact]
    public async Task A_password_store_that_waits_for_a_passphrase_is_ended()
    {
        var found = secrets.Find("test-locked", Cancelled);
        await Eventually.Is(
            _ => Task.FromResult(Asked("test-locked").Length == 1),
            "the password store to be asked",
            Cancelled
        );
        clock.Advance(SecretStore.PassLimit);
        Assert.Null(await found);
        var pid = int.Parse(Asked("test-locked")[0], null);
        await Eventually.Is(
            _ => Task.FromResult(!File.Exists($"/proc/{pid}/exe")),
            "the password store to be gone",
            Cancelled
        );
    }

    string[] Asked(string name) =>
        System.IO.Path.Combine(folder.FullName, $"{name}.asked") is var path && File.Exists(path)
            ? File.ReadAllLines(path)
            : [];

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", Path);
        folder.Delete(recursive: true);
    }
}
