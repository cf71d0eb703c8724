using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Nightshift.Plumbing.Disk;

/// <summary>
/// Nothing new may start, for want of disk. It may be tried again: messages and timers that meet it wait.
/// </summary>
/// <param name="words">Which disk, and how much is free.</param>
public sealed class DiskFullException(string words)
    : IOException($"No new run starts: only {words}. Make room; runs start again by themselves.")
{
    /// <summary>Stable, for programs.</summary>
    public const string Code = "disk_full";

    /// <summary>When trying again makes sense.</summary>
    public static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(30);
}

/// <summary>Reads how much room there is.</summary>
public interface IFreeSpaceReader
{
    /// <summary>The room on the disk of a folder.</summary>
    /// <exception cref="IOException">There is no such folder.</exception>
    FreeSpace Read(string path);
}

/// <summary>Asks the operating system.</summary>
sealed class FreeSpaceReader : IFreeSpaceReader
{
    public FreeSpace Read(string path)
    {
        var disk = new DriveInfo(path);
        return new(path, disk.AvailableFreeSpace, disk.TotalSize);
    }
}

/// <summary>
/// Watches the disks of database and engine. A full one stops PostgreSQL and with it everything, so that whoever would
/// start something new asks here first.
/// </summary>
public sealed class DiskSpace(IOptions<DiskOptions> options, IFreeSpaceReader reader, TimeProvider clock)
{
    /// <summary>An answer serves this long: a burst of requests costs one look.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);

    readonly Lock turn = new();
    DiskVerdict verdict = new(DiskLevel.Enough, "");
    long? readAt;

    /// <summary>How much room there is now.</summary>
    public DiskVerdict Verdict()
    {
        lock (turn)
        {
            if (readAt is not { } last || clock.GetElapsedTime(last) >= GoodFor)
                (verdict, readAt) = (DiskJudge.Judge(Disks(), options.Value), clock.GetTimestamp());
            return verdict;
        }
    }

    /// <summary>Passes while there is room for more.</summary>
    /// <exception cref="DiskFullException">There is not.</exception>
    public void RequireRoom()
    {
        if (Verdict() is { Level: DiskLevel.Full, Words: var words })
            throw new DiskFullException(words);
    }

    // A folder that is gone says nothing about room; that it is gone shows elsewhere.
    IEnumerable<FreeSpace> Disks()
    {
        foreach (var path in options.Value.Paths)
            if (Read(path) is { } disk)
                yield return disk;
    }

    FreeSpace? Read(string path)
    {
        try
        {
            return reader.Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}

/// <summary>How a service gets to watch disks.</summary>
public static class DiskSpaceRegistration
{
    /// <summary>Adds <see cref="DiskSpace"/> with its settings.</summary>
    public static IServiceCollection AddDiskSpace(this IServiceCollection services)
    {
        services
            .AddOptions<DiskOptions>()
            .BindConfiguration("Nightshift:Disk")
            .ValidateDataAnnotations()
            .ValidateOnStart();
        return services.AddSingleton<IFreeSpaceReader, FreeSpaceReader>().AddSingleton<DiskSpace>();
    }
}
