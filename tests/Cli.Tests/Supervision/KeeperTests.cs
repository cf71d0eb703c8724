using System.Diagnostics;
using System.Threading.Channels;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Tests.Supervision;

/// <summary>Real processes: what counts here is what the kernel does with them.</summary>
public sealed class KeeperTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-keeper-").FullName;
    readonly Channel<string> said = Channel.CreateUnbounded<string>();

    Home Home => new(folder, folder, folder);

    public KeeperTests() => Directory.CreateDirectory(Home.Logs);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_killed_part_is_started_again()
    {
        using var keeper = Keep(Sleeper());
        await keeper.Start();
        var first = Running();

        Machine.Signal(first.Pid, Machine.Kill);
        await Said("is back");

        Assert.NotEqual(first, Running());
        await keeper.Stop();
    }

    [Fact]
    public async Task A_stopped_part_is_gone_and_forgotten()
    {
        using var keeper = Keep(Sleeper());
        await keeper.Start();
        var mark = Running();

        await keeper.Stop();

        Assert.False(mark.IsAlive);
        Assert.False(File.Exists(Home.Mark("part")));
    }

    [Fact]
    public async Task A_part_that_never_gets_ready_is_given_up_with_the_end_of_its_log()
    {
        using var keeper = Keep(Part("echo no luck today; exit 3") with { IsReady = _ => Task.FromResult(false) });

        var problem = await Assert.ThrowsAsync<ProblemException>(keeper.Start);

        Assert.Contains("ended with exit code 3", problem.Message, StringComparison.Ordinal);
        Assert.Contains("no luck today", problem.Message, StringComparison.Ordinal);
        await keeper.Stop();
    }

    [Fact]
    public async Task A_part_that_does_not_stop_is_killed_after_its_grace()
    {
        var started = Path.Combine(folder, "started");
        using var keeper = Keep(Part($"trap '' TERM; touch {started}; while :; do sleep 1000; done") with
        {
            Grace = TimeSpan.FromMilliseconds(100),
            IsReady = _ => Task.FromResult(File.Exists(started)),
        });
        await keeper.Start();
        var mark = Running();

        await keeper.Stop();

        Assert.False(mark.IsAlive);
    }

    [Fact]
    public async Task Settings_for_the_first_start_are_gone_at_the_second()
    {
        var (seen, starts) = (Path.Combine(folder, "seen"), 1);
        using var keeper = Keep(Part($"echo migrate=$MIGRATE >>{seen}; exec sleep 1000") with
        {
            UntilReady = new Dictionary<string, string?> { ["MIGRATE"] = "true" },
            IsReady = _ => Task.FromResult(File.Exists(seen) && File.ReadAllLines(seen).Length == starts),
        });
        await keeper.Start();
        starts = 2;
        Machine.Signal(Running().Pid, Machine.Kill);
        await Said("is back");
        await keeper.Stop();

        Assert.Equal(["migrate=true", "migrate="], await File.ReadAllLinesAsync(seen, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_a_killed_supervisor_left_running_is_taken_over()
    {
        using var left = Process.Start("sleep", "1000");
        var mark = ProcessMark.Of(left.Id);
        Assert.NotNull(mark);
        mark.Save(Home.Mark("part"));
        using var keeper = Keep(Sleeper() with { Outlives = true });

        await keeper.Start();

        Assert.Equal(mark, Running());
        await keeper.Stop();
        Assert.False(mark.IsAlive);
    }

    Keeper Keep(Part part) => new(part, Home, TimeProvider.System, line => said.Writer.TryWrite(line));

    static Part Sleeper() => Part("exec sleep 1000");

    static Part Part(string script) => new("part", ["sh", "-c", script], _ => Task.FromResult(true));

    ProcessMark Running() => ProcessMark.Running(Home.Mark("part")) ?? throw new InvalidOperationException("Nothing runs");

    async Task Said(string words)
    {
        await foreach (var line in said.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
            if (line.Contains(words, StringComparison.Ordinal))
                return;
    }
}
