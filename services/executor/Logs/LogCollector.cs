using System.Threading.Channels;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Logs;

/// <summary>Takes a container's output into the attempt's log while it is printed.</summary>
public sealed class LogCollector(
    IContainerEngine engine,
    AttemptLogTable table,
    LogSignals signals,
    ILogger<LogCollector> log,
    TimeProvider clock
)
{
    /// <summary>Lines written in one statement at most.</summary>
    const int MostPerWrite = 500;

    /// <summary>Lines held in memory while the database is busy; then the container's own log waits.</summary>
    const int MostWaiting = 4_000;

    /// <summary>
    /// Refusals of an engine that answers, after which the log is given up. One that does not answer is waited for as
    /// long as the attempt is.
    /// </summary>
    const int MostRefusals = 3;

    static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    /// <summary>Follows the output until the container has ended and all of it is stored.</summary>
    /// <param name="ended">Completes once the engine has reported the container's end, and with it has closed the
    /// container's log.</param>
    /// <returns>What the task told Nightshift.</returns>
    public async Task<TaskMessages> Collect(
        string attemptId,
        string container,
        Masker mask,
        Task ended,
        CancellationToken cancellationToken
    )
    {
        var progress = new LogProgress();
        await foreach (var line in table.Read(attemptId, after: 0, cancellationToken))
            progress.Note(line);
        for (var refusals = 0; ; )
        {
            try
            {
                var complete = ended.IsCompleted;
                progress.Resume();
                await Follow(attemptId, container, progress, mask, cancellationToken);
                if (complete)
                    return progress.TaskMessages;
                await ended; // a follower can miss the container's last words; its closed log, read once more, has them
            }
            catch (EngineException e) when (e.Unreachable || ++refusals <= MostRefusals)
            {
                Log.LogLost(log, e.Message);
                await Task.Delay(ReconnectPause, clock, cancellationToken);
            }
        }
    }

    // Whatever has arrived is written together; while that statement is under way the rest collects. Nothing waits on a
    // clock.
    async Task Follow(
        string attemptId,
        string container,
        LogProgress progress,
        Masker mask,
        CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lines = Channel.CreateBounded<LogLine>(MostWaiting);
        var reading = Read(container, progress, mask, lines.Writer, end.Token);
        try
        {
            while (await lines.Reader.WaitToReadAsync(cancellationToken))
            {
                var batch = new List<LogLine>();
                while (batch.Count < MostPerWrite && lines.Reader.TryRead(out var line))
                    batch.Add(line);
                await table.Append(attemptId, batch, cancellationToken);
                signals.Signal(attemptId);
            }
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
        Masker mask,
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
            if (progress.Take(stderr ? "stderr" : "stdout", raw, mask) is { } line)
                await lines.WriteAsync(line, cancellationToken);
        }
    }
}
