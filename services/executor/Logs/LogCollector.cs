using System.Threading.Channels;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Logs;

/// <summary>An attempt's log, read to its end.</summary>
/// <param name="TaskMessages">What the task told Nightshift.</param>
/// <param name="Complete">False when the log may lack its end: the engine went away while the container ran, and when
/// it was back the container ran no longer.</param>
public sealed record CollectedLog(TaskMessages TaskMessages, bool Complete);

/// <summary>Takes a container's output into the attempt's log while it is printed.</summary>
public sealed class LogCollector(
    IContainerEngine engine,
    AttemptLogTable table,
    LogSignals signals,
    ILogger<LogCollector> log,
    TimeProvider clock
)
{
    /// <summary>Lines held in memory while the database is busy; then the container's own log waits.</summary>
    const int MostWaiting = 4_000;

    /// <summary>
    /// Refusals of an engine that answers, after which the log is given up. One that does not answer is waited for as
    /// long as the attempt is.
    /// </summary>
    const int MostRefusals = 3;

    static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    /// <summary>Follows the output until the container has ended and all of it is stored.</summary>
    /// <param name="attemptId">Whose log it is.</param>
    /// <param name="container">The container's id.</param>
    /// <param name="mask">Takes secrets out.</param>
    /// <param name="ended">Completes once the engine has reported the container's end, and with it has closed the
    /// container's log.</param>
    /// <param name="cancellationToken">Ends it; the log is taken up again from what is stored.</param>
    public async Task<CollectedLog> Collect(
        string attemptId,
        string container,
        Masker mask,
        Task ended,
        CancellationToken cancellationToken
    )
    {
        var progress = new LogProgress(container, mask);
        var writer = new LogWriter(attemptId, table, signals, clock);
        await foreach (var chunk in table.Read(attemptId, after: 0, cancellationToken))
        {
            foreach (var line in chunk.Lines)
                progress.Note(line);
            await writer.Resume(chunk, cancellationToken);
        }
        var complete = true;
        for (var refusals = 0; ; )
        {
            try
            {
                var last = ended.IsCompleted;
                progress.Resume();
                await Follow(container, progress, writer, cancellationToken);
                if (last)
                    break;
                await ended; // a follower can miss the container's last words; its closed log, read once more, has them
            }
            catch (EngineException e) when (e.Unreachable || ++refusals <= MostRefusals)
            {
                Log.LogLost(log, e.Message);
                await Task.Delay(ReconnectPause, clock, cancellationToken);
                if (e.Unreachable)
                    complete &= await StillRuns(container, cancellationToken);
            }
        }
        await writer.End(cancellationToken);
        return new(progress.End(SealedContainer.LogFileBytes), complete);
    }

    // Whatever has arrived is written together, and while that statement is under way the rest collects.
    async Task Follow(string container, LogProgress progress, LogWriter writer, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lines = Channel.CreateBounded<LogLine>(MostWaiting);
        var reading = Read(container, progress, lines.Writer, end.Token);
        try
        {
            await writer.Write(lines.Reader, cancellationToken);
        }
        finally
        {
            await end.CancelAsync();
            // its failure has come through the channel
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task Read(
        string container,
        LogProgress progress,
        ChannelWriter<LogLine> lines,
        CancellationToken cancellationToken
    )
    {
        var (stdout, stderr) = (new LineAssembler(), new LineAssembler());
        try
        {
            await foreach (var chunk in engine.Logs(container, progress.Newest, cancellationToken))
            foreach (var raw in (chunk.Stderr ? stderr : stdout).Take(chunk.Bytes.Span))
                await Keep(chunk.Stderr, raw);
            if (stdout.End() is { } lastOut)
                await Keep(stderr: false, lastOut);
            if (stderr.End() is { } lastErr)
                await Keep(stderr: true, lastErr);
            lines.Complete();
        }
        catch (Exception e) // the writer hears of it
        {
            lines.Complete(e);
        }

        async ValueTask Keep(bool stderr, RawLine raw)
        {
            if (progress.Take(stderr ? "stderr" : "stdout", raw) is { } line)
                await lines.WriteAsync(line, cancellationToken);
        }
    }

    // An engine that died takes the unread end of a pipe with it; a container that goes on has lost nothing.
    async Task<bool> StillRuns(string container, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await engine.Inspect(container, cancellationToken) is { State: "running" or "paused" };
            }
            catch (EngineException e) when (e.Unreachable)
            {
                await Task.Delay(ReconnectPause, clock, cancellationToken);
            }
        }
    }
}
