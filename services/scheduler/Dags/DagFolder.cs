using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary>A DAG file that could not be read, with everything wrong in it.</summary>
public sealed record ImportError(string File, IReadOnlyList<DagMistake> Mistakes, DateTimeOffset At);

/// <summary>
/// Keeps the catalogue like the folder: a file is live as soon as the file system says it changed. A bad file is
/// reported and the last good version stays.
/// </summary>
public sealed class DagFolder(
    IOptions<DagFolderOptions> options,
    DagPublisher publisher,
    ILogger<DagFolder> log,
    TimeProvider clock
) : BackgroundService, IHealthCheck
{
    /// <summary>Everything is read again this often. A safety net for file systems that announce nothing.</summary>
    public static readonly TimeSpan SafetyRescanPeriod = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Editors write a file in several steps: reading waits this long after the first, and a step that comes later has
    /// the file read again.
    /// </summary>
    static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);

    readonly ConcurrentDictionary<string, ImportError> errors = [];
    readonly Dictionary<string, (DateTime WrittenAt, long Length)> read = [];
    volatile bool scanned;
    readonly Channel<bool> changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    /// <summary>The files that cannot be read now.</summary>
    public IReadOnlyCollection<ImportError> Errors => [.. errors.Values];

    /// <summary>Whether a file cannot be read now: its DAG is the last good version.</summary>
    public bool HasImportError(string file) => errors.ContainsKey(file);

    /// <summary>Ready once the folder has been read: whoever finds the scheduler ready finds its DAGs.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) =>
        Task.FromResult(
            scanned ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The DAGs folder has not been read yet")
        );

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var root = Path.GetFullPath(options.Value.DagsDirectory);
        Directory.CreateDirectory(root);
        using var watcher = Watch(root);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Scan(root, stoppingToken);
                scanned = true;
                await NextChange(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the database or the disk is away: say so and look again
            {
                Log.ScanFailed(log, e, root);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    FileSystemWatcher? Watch(string root)
    {
        void Changed(object sender, EventArgs e) => changes.Writer.TryWrite(true);
        var watcher = new FileSystemWatcher(root) { IncludeSubdirectories = true };
        watcher.Changed += Changed;
        watcher.Created += Changed;
        watcher.Deleted += Changed;
        watcher.Renamed += Changed;
        watcher.Error += Changed;
        try
        {
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (IOException e) // the system has no watch left to give: the rescan finds changes too, only later
        {
            Log.NotWatched(log, e, root, SafetyRescanPeriod.TotalSeconds);
            watcher.Dispose();
            return null;
        }
    }

    async Task NextChange(CancellationToken cancellationToken)
    {
        using var safetyNet = new CancellationTokenSource(SafetyRescanPeriod, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, safetyNet.Token);
        try
        {
            await changes.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return;
        }
        await Task.Delay(Settle, clock, cancellationToken);
    }

    async Task Scan(string root, CancellationToken cancellationToken)
    {
        var files = Directory
            .EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(x => Path.GetExtension(x) is ".yaml" or ".yml")
            .Select(x => Path.GetRelativePath(root, x))
            .Order(StringComparer.Ordinal)
            .ToList();
        foreach (var gone in read.Keys.Except(files).ToList())
            read.Remove(gone);
        foreach (var gone in errors.Keys.Except(files))
            errors.TryRemove(gone, out _);
        await publisher.Begin(files.ToHashSet(), cancellationToken);
        foreach (var file in files)
        {
            var info = new FileInfo(Path.Combine(root, file));
            if (!info.Exists || read.TryGetValue(file, out var known) && known == (info.LastWriteTimeUtc, info.Length))
                continue;
            if (await Load(info.FullName, file, cancellationToken))
                read[file] = (info.LastWriteTimeUtc, info.Length);
            else
                read.Remove(file);
        }
        await publisher.WithdrawMissing(cancellationToken);
    }

    // False when the same content may be judged otherwise next time: the file becomes readable, or the other one with
    // its DAG goes.
    async Task<bool> Load(string path, string file, CancellationToken cancellationToken)
    {
        if (await Read(path, file, cancellationToken) is not { } reading)
            return false;
        if (reading.Spec is null)
        {
            Report(file, reading.Mistakes);
            return true;
        }
        var published = await Publish(reading.Spec, file, cancellationToken);
        if (await publisher.WithdrawOthers(file, reading.Spec.DagId, cancellationToken))
            changes.Writer.TryWrite(true); // a file read before this one may define what was withdrawn
        return published;
    }

    async Task<DagReading?> Read(string path, string file, CancellationToken cancellationToken)
    {
        try
        {
            return DagFile.Read(await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(
                file,
                [new(1, $"The file cannot be read ({e.Message}); make it a file the scheduler may read, or remove it")]
            );
            return null;
        }
    }

    async Task<bool> Publish(DagSpec spec, string file, CancellationToken cancellationToken)
    {
        try
        {
            await publisher.Publish(spec, file, cancellationToken);
            errors.TryRemove(file, out _);
            return true;
        }
        catch (RejectedException e)
        {
            Report(file, [new(1, e.Message)]);
            return false;
        }
    }

    void Report(string file, IReadOnlyList<DagMistake> mistakes)
    {
        if (errors.TryGetValue(file, out var known) && known.Mistakes.SequenceEqual(mistakes))
            return; // said already
        errors[file] = new(file, mistakes, clock.GetUtcNow());
        foreach (var mistake in mistakes)
            Log.DagMistake(log, file, mistake.Line, mistake.Text);
    }
}
