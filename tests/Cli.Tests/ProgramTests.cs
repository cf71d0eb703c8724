using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Tests;

/// <summary>The real program: what it says when something is in its way.</summary>
public sealed class ProgramTests : IDisposable
{
    readonly DirectoryInfo home = Directory.CreateTempSubdirectory("nightshift-home-");

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    string Path(string name) => System.IO.Path.Combine(home.FullName, name);

    public void Dispose() => home.Delete(recursive: true);

    [Fact]
    public async Task Damaged_credentials_are_named_with_the_way_out()
    {
        await File.WriteAllTextAsync(Path("credentials.json"), "{", Cancelled);
        var (exitCode, said) = await Run(home.FullName, "status");
        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{Path("credentials.json")} cannot be read", said, StringComparison.Ordinal);
        Assert.Contains("Delete it", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_home_has_no_tokens()
    {
        var (exitCode, said) = await Run(Path("missing"), "tokens", "list");
        Assert.Equal((0, "NAME  ROLE  CREATED\n"), (exitCode, said));
    }

    [Fact]
    public async Task What_may_not_be_read_is_named_with_who_may()
    {
        home.CreateSubdirectory("tokens.json"); // a folder cannot be read as a file, not even by root
        var (exitCode, said) = await Run(home.FullName, "tokens", "list");
        Assert.Equal(1, exitCode);
        Assert.Contains(Path("tokens.json"), said, StringComparison.Ordinal);
        Assert.Contains("NIGHTSHIFT_HOME", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkout_in_which_another_user_builds_is_refused_in_words()
    {
        Assert.SkipUnless(Machine.IsRoot, "Only root can become another user");
        File.Copy(System.IO.Path.Combine(Home.Find().Checkout, "nightshift"), Path("nightshift"));
        Directory.CreateDirectory(
            Path(".nightshift"),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        File.SetUnixFileMode(
            home.FullName,
            File.GetUnixFileMode(home.FullName) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute
        );
        File.SetUnixFileMode(
            Path("nightshift"),
            File.GetUnixFileMode(Path("nightshift")) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute
        );
        var ran = await Shell.Run(
            ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "bash", Path("nightshift"), "up"],
            cancellationToken: Cancelled
        );
        Assert.Equal(1, ran.ExitCode);
        Assert.StartsWith($"You may not write to {Path(".nightshift")}", ran.Output, StringComparison.Ordinal);
        Assert.Contains("root", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("mkdir", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_named_with_the_file() =>
        Assert.Equal(
            "The disk is full (No space left on device : '/data/x'). Make room, then try again.",
            UnexpectedErrors.Words(new IOException("No space left on device : '/data/x'", 28), default)
        );

    static async Task<(int ExitCode, string TaskMessages)> Run(string home, params string[] args)
    {
        var ran = await Shell.Run(
            ["dotnet", typeof(UnexpectedErrors).Assembly.Location, .. args],
            environment: new Dictionary<string, string?> { ["NIGHTSHIFT_HOME"] = home },
            cancellationToken: Cancelled
        );
        return (ran.ExitCode, ran.Output);
    }
}

/// <summary>Failures nobody foresaw. Alone, because the home is named by a variable of the whole process.</summary>
[Collection(nameof(Tokens.HomeVariable))]
public sealed class UnexpectedErrorsTests : IDisposable
{
    readonly DirectoryInfo home = Directory.CreateTempSubdirectory("nightshift-home-");
    readonly string? before = Environment.GetEnvironmentVariable("NIGHTSHIFT_HOME");

    public UnexpectedErrorsTests() => Environment.SetEnvironmentVariable("NIGHTSHIFT_HOME", home.FullName);

    [Fact]
    public void An_unknown_failure_is_one_sentence_and_its_trace_is_in_the_log()
    {
        var log = Path.Combine(home.FullName, "logs", "cli.log");
        Assert.Equal(
            $"Nightshift failed on something it does not know: odd. The details are in {log}.",
            UnexpectedErrors.Words(new InvalidOperationException("odd"), default)
        );
        Assert.Contains("InvalidOperationException: odd", File.ReadAllText(log), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_failure_without_a_place_for_its_trace_is_a_sentence_too()
    {
        File.WriteAllText(Path.Combine(home.FullName, "logs"), "in the way of the folder");
        Assert.Contains(
            "InvalidOperationException; the details cannot be written down",
            UnexpectedErrors.Words(new InvalidOperationException("odd"), default),
            StringComparison.Ordinal
        );
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("NIGHTSHIFT_HOME", before);
        home.Delete(recursive: true);
    }
}
