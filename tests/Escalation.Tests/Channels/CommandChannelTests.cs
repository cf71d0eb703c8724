using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nightshift.Escalation.Channels;
using Nightshift.Escalation.Tiers;
using Nightshift.Testing;

namespace Nightshift.Escalation.Tests.Channels;

/// <summary>Real programs, no shell between.</summary>
public sealed class CommandChannelTests : IDisposable
{
    static readonly Notice Notice = new(
        "task.hello.load",
        1,
        2,
        3,
        "it's \"broken\"; $(touch pwned)",
        "no remedy",
        "task.hello.load",
        1,
        DateTimeOffset.UnixEpoch
    );
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ns-hook");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    // The script is the program's first argument, not the program: a file just written cannot be executed while another
    // thread is forking.
    string[] Program(string script, params string[] arguments)
    {
        var path = Path.Combine(folder.FullName, "hook");
        File.WriteAllText(path, script + "\n");
        return ["/bin/sh", path, .. arguments];
    }

    string Read(string name) => File.ReadAllText(Path.Combine(folder.FullName, name));

    static Task<string?> Notify(TimeSpan? timeout, params string[] command) => Notify(timeout, log: null, command);

    static Task<string?> Notify(TimeSpan? timeout, ListLogger? log, params string[] command) =>
        new CommandChannel(
            new Fixed(new() { Command = command, CommandTimeout = timeout ?? TimeSpan.FromMinutes(1) }),
            new LoggerFactory([log ?? new()]).CreateLogger<CommandChannel>(),
            TimeProvider.System
        ).Notify(Notice, Stop);

    [Fact]
    public async Task Arguments_arrive_as_they_are_written()
    {
        var outcome = await Notify(
            null,
            Program($"printf '%s\\n' \"$@\" > {folder}/args", "a b", "$(touch pwned)", "*", "--flag=\"x\"")
        );
        Assert.Null(outcome);
        Assert.Equal("a b\n$(touch pwned)\n*\n--flag=\"x\"\n", Read("args"));
    }

    [Fact]
    public async Task The_incident_comes_on_standard_input_and_in_the_environment()
    {
        Assert.Null(
            await Notify(
                null,
                Program(
                    $"cat > {folder}/in; echo \"$NIGHTSHIFT_INCIDENT_ID $NIGHTSHIFT_INCIDENT_EPOCH $NIGHTSHIFT_INCIDENT_TIER $NIGHTSHIFT_INCIDENT_SUMMARY\" > {folder}/env"
                )
            )
        );
        Assert.Equal(
            Notice,
            System.Text.Json.JsonSerializer.Deserialize<Notice>(Read("in"), Plumbing.Hosting.Json.Options)
        );
        Assert.Equal($"task.hello.load 1 2 {Notice.Summary}\n", Read("env"));
    }

    [Fact]
    public async Task Nothing_of_the_services_own_environment_reaches_it()
    {
        Environment.SetEnvironmentVariable("Nightshift__Test", "private");
        Assert.Null(await Notify(null, Program($"env > {folder}/env")));
        Assert.DoesNotContain("private", Read("env"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_command_says_so() =>
        Assert.Equal("the command ended with 3", await Notify(null, Program("exit 3")));

    [Fact]
    public async Task A_missing_program_says_so() =>
        Assert.StartsWith(
            "/nowhere/hook could not be started",
            await Notify(null, "/nowhere/hook"),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task A_program_that_does_not_read_its_input_does_not_matter() =>
        Assert.Null(await Notify(null, "/bin/true"));

    [Fact]
    public async Task A_hanging_command_is_killed_with_all_it_started()
    {
        var outcome = await Notify(TimeSpan.FromSeconds(1), Program($"sleep 600 & echo $! > {folder}/child; wait"));
        Assert.Equal("the command was killed after 1 s", outcome);
        Assert.False(IsRunning(int.Parse(Read("child"), System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Output_is_logged_up_to_a_limit()
    {
        using var log = new ListLogger();
        Assert.Null(
            await Notify(null, log, Program("echo hello; head -c 1000000 /dev/zero | tr '\\0' x; echo oops >&2"))
        );
        Assert.Contains("output: hello", Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.Contains("error: oops", log.Lines[0], StringComparison.Ordinal);
        Assert.InRange(log.Lines[0].Length, 4096, 5000);
    }

    [Fact]
    public async Task Something_left_behind_with_the_pipe_open_holds_up_nothing()
    {
        Assert.Null(await Notify(null, Program($"sleep 600 & echo $! > {folder}/child")));
        System
            .Diagnostics.Process.GetProcessById(
                int.Parse(Read("child"), System.Globalization.CultureInfo.InvariantCulture)
            )
            .Kill();
    }

    // A killed child may still be listed as a zombie until it is reaped.
    static bool IsRunning(int id) =>
        File.Exists($"/proc/{id}/stat") && File.ReadAllText($"/proc/{id}/stat").Split(") ")[1][0] is not ('Z' or 'X');

    sealed class Fixed(EscalationOptions value) : IOptionsMonitor<EscalationOptions>
    {
        public EscalationOptions CurrentValue => value;

        public EscalationOptions Get(string? name) => value;

        public IDisposable? OnChange(Action<EscalationOptions, string?> listener) => null;
    }
}
