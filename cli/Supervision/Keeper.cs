using System.Diagnostics;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Supervision;

/// <summary>
/// Keeps one part running until it is told to stop. The end of the process is an event, not something looked for.
/// </summary>
public sealed class Keeper(Part part, Home home, TimeProvider clock, Action<string> say) : IDisposable
{
    /// <summary>A part that ends this often before it was ready once will not get better by itself.</summary>
    const int Tries = 3;

    /// <summary>
    /// How the services say that their settings are wrong (<c>EX_CONFIG</c> of sysexits.h): no further try before they
    /// are changed.
    /// </summary>
    const int WrongSettings = 78;

    static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(30);

    static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(100);

    readonly CancellationTokenSource stopping = new();
    readonly CancellationTokenSource killing = new();
    readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Task keeping = Task.CompletedTask,
        logging = Task.CompletedTask;
    long logged; // what the log held before this run
    volatile bool hung; // this run was ended because it did not answer any more
    string? lastEnd; // how the run before this one ended

    public string Name => part.Name;

    /// <summary>True once the part was ready for the first time.</summary>
    public bool IsReady => ready.Task.IsCompletedSuccessfully;

    /// <returns>Ends when the part is ready for the first time.</returns>
    /// <exception cref="ProblemException">The part keeps ending before it is ready; the text holds the end of its
    /// log.</exception>
    public Task Start()
    {
        keeping = Keep();
        return ready.Task;
    }

    public async Task Stop()
    {
        await stopping.CancelAsync();
        killing.CancelAfter(part.Grace);
        await keeping;
    }

    public void Dispose()
    {
        stopping.Dispose();
        killing.Dispose();
    }

    async Task Keep()
    {
        for (var ends = 0; ; )
        {
            var since = clock.GetTimestamp();
            var (how, exitCode) = await TryOnce();
            if (stopping.IsCancellationRequested)
                break;

            var up = clock.GetElapsedTime(since);
            lastEnd = how;
            ends = Backoff.Count(ends, up, hung);
            if (!IsReady && Hopeless(ends, how, exitCode) is { } problem && ready.TrySetException(problem))
                return;

            var delay = Backoff.Before(ends, IsReady);
            Say(
                $"{part.Name} {how} after {up.TotalSeconds:0.0} s; "
                    + $"starting it again{(delay > TimeSpan.Zero ? $" in {delay.TotalSeconds:0} s" : "")}."
            );
            try
            {
                await Task.Delay(delay, clock, stopping.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
        ready.TrySetCanceled();
    }

    // Why trying again is of no use for a part that was never ready; null when it may be.
    ProblemException? Hopeless(int ends, string how, int? exitCode) =>
        TakenPort() is { } taken ? new PortTakenException(part.Name, taken)
        : ends >= Tries || exitCode is WrongSettings ? new ProblemException(WhyNot(how, exitCode))
        : null;

    // Another process listens on it, now that the part's own has ended.
    int? TakenPort() =>
        part.Ports.Cast<int?>().FirstOrDefault(port => ListeningPort.Of(port!.Value, pid: 0) is not Listener.None);

    // Whatever goes wrong here, a full disk above all, may pass: the part is not given up for it.
    async Task<(string How, int? ExitCode)> TryOnce()
    {
        try
        {
            return await RunOnce();
        }
        catch (Exception e)
        {
            return ($"could not be run ({e.Message.TrimEnd('.')})", null);
        }
    }

    // What cannot be said, because its log is on a full disk, must not end the keeping.
    void Say(string line)
    {
        try
        {
            say(line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    string WhyNot(string how, int? exitCode)
    {
        var lastWords = LogFile.Tail(home.Log(part.Name), from: logged);
        return exitCode is WrongSettings
            ? $"{part.Name} does not start, because of its settings:\n{lastWords}"
            : $"{part.Name} does not start: it {how}. The end of {home.Log(part.Name)}:\n{lastWords}";
    }

    async Task<(string How, int? ExitCode)> RunOnce()
    {
        var since = clock.GetTimestamp();
        using var process = Adopt() ?? await Launch();
        if (process is null)
            return ("could not be started", null);
        using var gone = new CancellationTokenSource();
        hung = false;
        var probing = Probe(since, process.Id, gone.Token);
        using (stopping.Token.Register(() => Machine.Signal(process.Id, part.StopSignal)))
        {
            try
            {
                await process.WaitForExitAsync(killing.Token);
            }
            catch (OperationCanceledException)
            {
                Say($"{part.Name} did not stop within {part.Grace.TotalSeconds:0} s; killing it.");
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
        await gone.CancelAsync();
        await probing;
        File.Delete(home.Mark(part.Name));
        await Task.WhenAny(logging, Task.Delay(LastWords, clock)); // a grandchild may hold the pipe open
        return hung ? ("hung and was killed", null) : How(process);
    }

    Process? Adopt()
    {
        if (!part.Outlives || PartProcess.Running(home, part.Name) is not { } mark)
            return null;
        try
        {
            var process = Process.GetProcessById(mark.Pid);
            Say($"{part.Name} still runs from before (process {mark.Pid}); using it.");
            return process;
        }
        catch (ArgumentException)
        {
            return null; // ended in between
        }
    }

    async Task<Process?> Launch()
    {
        // A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then stops the parts in
        // order.
        var script = part.Outlives ? "exec \"$@\" </dev/null >>\"$0\" 2>&1" : "exec \"$@\" </dev/null 2>&1";
        var info = new ProcessStartInfo("setsid", ["sh", "-c", script, home.Log(part.Name), .. part.Command])
        {
            RedirectStandardOutput = !part.Outlives,
            WorkingDirectory = part.Directory ?? "",
        };
        foreach (var (name, value) in IsReady ? part.Environment : part.Environment.Concat(part.UntilReady))
            info.Environment[name] = value;
        info.Environment[PartProcess.Variable] = PartProcess.ValueOf(home, part.Name);
        if (part.Outlives)
            LogFile.Trim(home.Log(part.Name));
        logged = LogFile.Length(home.Log(part.Name));
        var process = Process.Start(info);
        if (process is null)
            return null;
        try
        {
            ProcessMark.Of(process.Id)?.Save(home.Mark(part.Name));
        }
        catch
        {
            process.Kill(entireProcessTree: true); // without its mark nobody would find it again
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
            throw;
        }
        if (!part.Outlives)
            logging = LogFile.Pump(process.StandardOutput.BaseStream, home.Log(part.Name));
        return process;
    }

    async Task Probe(long since, int pid, CancellationToken gone)
    {
        try
        {
            while (!IsListening(pid) || !await part.IsReady(gone))
                await Task.Delay(BetweenProbes, clock, gone);
            if (!ready.TrySetResult())
            {
                RestartLog.Append(home, new(clock.GetUtcNow(), $"Restarted {part.Name} ({lastEnd})"));
                Say($"{part.Name} is back after {clock.GetElapsedTime(since).TotalSeconds:0.0} s.");
            }
            await EndWhenHung(pid, gone);
        }
        catch (OperationCanceledException) { } // the process ended first
        catch (ProblemException problem)
        {
            ready.TrySetException(problem); // it runs, but not as it must
        }
    }

    bool IsListening(int pid) => part.Ports.All(port => ListeningPort.Of(port, pid) is Listener.Own);

    // Only the process itself: what it started (an engine's containers above all) is adopted as after a crash.
    async Task EndWhenHung(int pid, CancellationToken gone)
    {
        if (part.Liveness is not { } liveness)
            return;
        await liveness.UntilHung(clock, gone);
        Say($"{part.Name} hangs: it did not answer {liveness.Misses} times in a row. Killing it (process {pid}).");
        hung = true;
        Machine.Signal(pid, Machine.Kill);
    }

    static (string, int?) How(Process process)
    {
        try
        {
            return (
                process.ExitCode > 128
                    ? $"was killed by signal {process.ExitCode - 128}"
                    : $"ended with exit code {process.ExitCode}",
                process.ExitCode
            );
        }
        catch (InvalidOperationException)
        {
            return ("ended", null); // not a child of this process: nobody tells how
        }
    }
}
