using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
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
        await TaskMessages("is back");

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
    public async Task What_another_process_answers_on_the_port_of_a_part_is_not_believed()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var asked = false;
        using var keeper = Keep(
            Part("sleep 0.3; echo address already in use; exit 1") with
            {
                Ports = [port],
                IsReady = _ => Task.FromResult(asked = true),
            }
        );

        var problem = await Assert.ThrowsAsync<PortTakenException>(keeper.Start);

        Assert.StartsWith(
            $"Port {port} for part is taken by another process",
            problem.Message,
            StringComparison.Ordinal
        );
        Assert.False(asked);
        await keeper.Stop();
    }

    [Fact]
    public async Task A_part_is_ready_when_its_own_process_listens()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        using var keeper = Keep(Part($"exec perl -MIO::Socket::INET -e '{Listen(port)}'") with { Ports = [port] });

        await keeper.Start();

        Assert.Equal(Listener.Own, ListeningPort.Of(port, Running().Pid));
        await keeper.Stop();
    }

    static string Listen(int port) =>
        $"my $s = IO::Socket::INET->new(LocalAddr => \"127.0.0.1\", LocalPort => {port}, Listen => 1) or die; sleep 1000";

    [Fact]
    public async Task A_part_with_wrong_settings_is_given_up_at_once_with_what_it_said_this_time()
    {
        await File.WriteAllTextAsync(Home.Log("part"), "   at Some.Trace()\n", TestContext.Current.CancellationToken);
        var tries = Path.Combine(folder, "tries");
        using var keeper = Keep(
            Part($"echo try >>{tries}; echo Slots must be a number; exit 78") with
            {
                IsReady = _ => Task.FromResult(false),
            }
        );

        var problem = await Assert.ThrowsAsync<ProblemException>(keeper.Start);

        Assert.Equal("part does not start, because of its settings:\nSlots must be a number", problem.Message);
        Assert.Equal("try\n", await File.ReadAllTextAsync(tries, TestContext.Current.CancellationToken));
        await keeper.Stop();
    }

    [Fact]
    public async Task A_line_that_cannot_be_said_does_not_end_the_keeping()
    {
        var full = true;
        using var keeper = new Keeper(
            Sleeper(),
            Home,
            TimeProvider.System,
            line =>
            {
                said.Writer.TryWrite(line);
                if (full)
                    throw new IOException("No space left on device");
            }
        );
        await keeper.Start();
        Machine.Signal(Running().Pid, Machine.Kill);
        await TaskMessages("starting it again");
        full = false;
        await TaskMessages("is back");
        await keeper.Stop();
    }

    [Fact]
    public async Task A_part_whose_mark_cannot_be_written_is_not_left_running_and_tried_again()
    {
        var runtime = Directory.CreateDirectory(Path.Combine(folder, "run")).FullName;
        var home = new Home(folder, folder, runtime);
        var pids = Path.Combine(folder, "pids");
        using var keeper = new Keeper(
            Part($"echo $$ >>{pids}; exec sleep 1000") with
            {
                IsReady = _ => Task.FromResult(File.Exists(pids)),
            },
            home,
            TimeProvider.System,
            line =>
            {
                if (line.Contains("could not be run", StringComparison.Ordinal))
                    Directory.CreateDirectory(runtime);
                said.Writer.TryWrite(line);
            }
        );
        await keeper.Start();
        var first = ProcessMark.Running(home.Mark("part"));
        Directory.Delete(runtime, recursive: true);
        Machine.Signal(first!.Pid, Machine.Kill);
        await TaskMessages("could not be run");
        await TaskMessages("is back");
        var now = ProcessMark.Running(home.Mark("part"));
        await keeper.Stop();

        Assert.NotNull(now);
        Assert.All(
            (await File.ReadAllLinesAsync(pids, TestContext.Current.CancellationToken)).Where(x => x.Length > 0),
            x => Assert.Null(ProcessMark.Of(int.Parse(x, null)))
        );
    }

    [Fact]
    public async Task A_part_that_does_not_stop_is_killed_after_its_grace()
    {
        var started = Path.Combine(folder, "started");
        using var keeper = Keep(
            Part($"trap '' TERM; touch {started}; while :; do sleep 1000; done") with
            {
                Grace = TimeSpan.FromMilliseconds(100),
                IsReady = _ => Task.FromResult(File.Exists(started)),
            }
        );
        await keeper.Start();
        var mark = Running();

        await keeper.Stop();

        Assert.False(mark.IsAlive);
    }

    [Fact]
    public async Task Settings_for_the_first_start_are_gone_at_the_second()
    {
        var (seen, starts) = (Path.Combine(folder, "seen"), 1);
        using var keeper = Keep(
            Part($"echo migrate=$MIGRATE >>{seen}; exec sleep 1000") with
            {
                UntilReady = new Dictionary<string, string?> { ["MIGRATE"] = "true" },
                IsReady = _ => Task.FromResult(File.Exists(seen) && File.ReadAllLines(seen).Length == starts),
            }
        );
        await keeper.Start();
        starts = 2;
        Machine.Signal(Running().Pid, Machine.Kill);
        await TaskMessages("is back");
        await keeper.Stop();

        Assert.Equal(
            ["migrate=true", "migrate="],
            await File.ReadAllLinesAsync(seen, TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task What_a_killed_supervisor_left_running_is_taken_over()
    {
        var start = new ProcessStartInfo("sleep", "1000");
        start.Environment[PartProcess.Variable] = PartProcess.ValueOf(Home, "part");
        using var left = Process.Start(start)!;
        var mark = ProcessMark.Of(left.Id);
        Assert.NotNull(mark);
        mark.Save(Home.Mark("part"));
        using var keeper = Keep(Sleeper() with { Outlives = true });

        await keeper.Start();

        Assert.Equal(mark, Running());
        await keeper.Stop();
        Assert.False(mark.IsAlive);
    }

    [Fact]
    public async Task A_process_that_a_mark_names_but_that_is_not_the_part_is_not_taken_over()
    {
        using var other = Process.Start("sleep", "1000");
        ProcessMark.Of(other.Id)!.Save(Home.Mark("part"));
        using var keeper = Keep(Sleeper() with { Outlives = true });

        await keeper.Start();

        Assert.NotEqual(other.Id, Running().Pid);
        await keeper.Stop();
        Assert.False(other.HasExited);
        other.Kill();
    }

    [Fact]
    public async Task A_part_that_hangs_is_killed_and_started_again_with_a_growing_delay()
    {
        using var keeper = Keep(Sleeper() with { Liveness = Impatient(_ => Task.FromResult(!Stopped())) });
        await keeper.Start();

        foreach (var line in Enumerable.Repeat("starting it again.", 3).Append("starting it again in 1 s"))
        {
            var hanging = Running();
            Machine.Signal(hanging.Pid, StopSignal);
            await TaskMessages("part hangs: it did not answer 3 times in a row");
            await TaskMessages(line);
            await TaskMessages("is back");
            Assert.False(hanging.IsAlive);
        }

        Assert.Equal(
            Enumerable.Repeat("Restarted part (hung and was killed)", 4),
            RestartLog.Read(Home).Select(x => x.Text)
        );
        await keeper.Stop();
    }

    [Fact]
    public async Task A_probe_that_gets_no_answer_is_a_miss()
    {
        var first = true;
        using var keeper = Keep(
            Sleeper() with
            {
                Liveness = Impatient(async c =>
                {
                    if (!first)
                        return true;
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, c);
                    return true;
                }),
            }
        );
        await keeper.Start();
        await TaskMessages("part hangs");
        first = false;
        await TaskMessages("is back");
        await keeper.Stop();
    }

    [Fact]
    public async Task A_part_that_answers_now_and_then_is_left_alone()
    {
        var (asked, enough) = (0, new TaskCompletionSource());
        using var keeper = Keep(
            Sleeper() with
            {
                Liveness = Impatient(_ =>
                {
                    if (++asked == 12)
                        enough.SetResult();
                    return Task.FromResult(asked % 3 == 0);
                }),
            }
        );
        await keeper.Start();
        var mark = Running();

        await enough.Task.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(mark, Running());
        await keeper.Stop();
    }

    [Fact]
    public async Task A_part_that_is_slow_to_start_is_not_probed()
    {
        var (ready, probed) = (false, false);
        var looks = 0;
        using var keeper = Keep(
            Sleeper() with
            {
                IsReady = _ => Task.FromResult(ready = ++looks > 10),
                Liveness = Impatient(_ =>
                {
                    probed |= !ready;
                    return Task.FromResult(true);
                }),
            }
        );
        await keeper.Start();
        await keeper.Stop();
        Assert.False(probed);
    }

    const int StopSignal = 19;

    static LivenessProbe Impatient(Func<CancellationToken, Task<bool>> answers) =>
        new(answers) { Period = TimeSpan.FromMilliseconds(20), Timeout = TimeSpan.FromMilliseconds(50) };

    // T in /proc/<pid>/stat: what SIGSTOP leaves
    bool Stopped() =>
        ProcessMark.Running(Home.Mark("part")) is { } mark
        && ProcessMark.ParseStat(File.ReadAllText($"/proc/{mark.Pid}/stat")).State == 'T';

    Keeper Keep(Part part) => new(part, Home, TimeProvider.System, line => said.Writer.TryWrite(line));

    static Part Sleeper() => Part("exec sleep 1000");

    static Part Part(string script) => new("part", ["sh", "-c", script], _ => Task.FromResult(true));

    ProcessMark Running() =>
        ProcessMark.Running(Home.Mark("part")) ?? throw new InvalidOperationException("Nothing runs");

    async Task TaskMessages(string words)
    {
        await foreach (var line in said.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
            if (line.Contains(words, StringComparison.Ordinal))
                return;
    }
}
