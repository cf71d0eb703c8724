using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Streams;
using Npgsql;

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

    /// <summary>Files that are held in memory and stored together at most.</summary>
    const int StoredAtOnce = 32;

    readonly ConcurrentDictionary<string, ImportError> errors = [];
    readonly Dictionary<string, string> read = []; // the hash of what was read of each file
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
        var files = new DagFolderReader(root, options.Value.MaxDagFileBytes);
        var listing = files.List();
        foreach (var gone in read.Keys.Except(listing.Files).ToList())
            read.Remove(gone);
        foreach (var gone in errors.Keys.Except(listing.Files).Except(listing.Unreadable.Keys))
            errors.TryRemove(gone, out _);
        foreach (var (folder, why) in listing.Unreadable)
            Report(folder, why);
        await publisher.Begin(listing, cancellationToken);
        foreach (var some in listing.Files.Select(x => Changed(files, x)).OfType<ChangedFile>().Chunk(StoredAtOnce))
            await Store(some, cancellationToken);
        await publisher.WithdrawMissing(cancellationToken);
    }

    /// <summary>A file that is not as it was when it was last read.</summary>
    /// <param name="Hash">Of its content.</param>
    /// <param name="Spec">Its DAG; null when it is none, which has been reported.</param>
    sealed record ChangedFile(string File, string Hash, DagSpec? Spec);

    // Its content says whether a file is new: a restored or copied file may have the time and size of the old one.
    ChangedFile? Changed(DagFolderReader files, string file)
    {
        var (bytes, mistake) = files.Read(file);
        if (mistake is not null)
        {
            Report(file, mistake);
            read.Remove(file);
        }
        if (bytes is null)
            return null;
        var hash = Convert.ToHexString(SHA256.HashData(bytes));
        return read.GetValueOrDefault(file) == hash ? null : new(file, hash, Parse(bytes, file));
    }

    DagSpec? Parse(byte[] bytes, string file)
    {
        try
        {
            var reading = DagFile.Read(bytes, file);
            if (reading.Spec is null)
                Report(file, reading.Mistakes);
            return reading.Spec;
        }
        catch (Exception e) // whatever it is, it is about this file alone
        {
            Log.DagNotStored(log, e, file);
            Report(file, $"The file cannot be read ({e.GetBaseException().Message})");
            return null;
        }
    }

    // Their transactions share commits. Files that define the same DAG take turns, so that the first one gets it.
    async Task Store(IReadOnlyList<ChangedFile> files, CancellationToken cancellationToken)
    {
        var stored = await Task.WhenAll(
            files
                .Where(x => x.Spec is not null)
                .GroupBy(x => x.Spec!.DagId)
                .Select(async x =>
                {
                    var done = new List<string>();
                    foreach (var file in x)
                        if (await Store(file.Spec!, file.File, cancellationToken))
                            done.Add(file.File);
                    return done;
                })
        );
        var known = stored.SelectMany(x => x).ToHashSet();
        foreach (var file in files)
            if (file.Spec is null || known.Contains(file.File))
                read[file.File] = file.Hash;
            else
                read.Remove(file.File);
    }

    // False when the same content may be judged otherwise next time: the other file with its DAG goes, or the database
    // takes it.
    async Task<bool> Store(DagSpec spec, string file, CancellationToken cancellationToken)
    {
        try
        {
            var published = await Publish(spec, file, cancellationToken);
            if (await publisher.WithdrawOthers(file, spec.DagId, cancellationToken))
                changes.Writer.TryWrite(true); // a file read before this one may define what was withdrawn
            return published;
        }
        catch (Exception e) when (!IsOutage(e)) // whatever it is, it is about this file alone
        {
            Log.DagNotStored(log, e, file);
            Report(file, $"The DAG cannot be stored ({e.GetBaseException().Message})");
            return false;
        }
    }

    // The database is away or overloaded: no file is at fault, and the whole scan is tried again.
    static bool IsOutage(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            if (
                e is OperationCanceledException or TimeoutException
                || e is PostgresException { IsTransient: true }
                || e is PostgresException { SqlState: var state }
                    && state[..2] is "08" or "25" or "28" or "3D" or "40" or "42" or "53" or "55" or "57" or "58"
                || e is NpgsqlException and not PostgresException
            )
                return true;
        return false;
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
            Report(file, e.Message);
            return false;
        }
    }

    void Report(string file, string mistake) => Report(file, DagMistake.Bounded([new(1, mistake)], 0, file));

    void Report(string file, IReadOnlyList<DagMistake> mistakes)
    {
        if (errors.TryGetValue(file, out var known) && known.Mistakes.SequenceEqual(mistakes))
            return; // said already
        errors[file] = new(file, mistakes, clock.GetUtcNow());
        foreach (var mistake in mistakes)
            Log.DagMistake(log, file, mistake.Line, mistake.Text);
    }
}
