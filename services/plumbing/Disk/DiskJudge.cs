using System.Globalization;

namespace Nightshift.Plumbing.Disk;

/// <summary>The room on the disk of one folder.</summary>
/// <param name="Path">The folder.</param>
/// <param name="FreeBytes">What this process may still write.</param>
/// <param name="TotalBytes">The size of the disk.</param>
public sealed record FreeSpace(string Path, long FreeBytes, long TotalBytes)
{
    /// <summary>The free share, 0 to 100.</summary>
    public double Percent => TotalBytes == 0 ? 0 : 100.0 * FreeBytes / TotalBytes;
}

/// <summary>How much room there is.</summary>
public enum DiskLevel
{
    /// <summary>Enough.</summary>
    Enough,

    /// <summary>A person should make room.</summary>
    Low,

    /// <summary>Nothing new may start.</summary>
    Full,
}

/// <summary>The room there is, and the words for it.</summary>
/// <param name="Level">How much.</param>
/// <param name="Words">Which disk, and how much is free; empty when there is enough.</param>
public sealed record DiskVerdict(DiskLevel Level, string Words);

/// <summary>Decides how much room is too little.</summary>
public static class DiskJudge
{
    /// <summary>The verdict on the disk with the least room.</summary>
    public static DiskVerdict Judge(IEnumerable<FreeSpace> disks, DiskOptions options) =>
        disks
            .Select(disk => (Disk: disk, Level: LevelOf(disk, options)))
            .OrderByDescending(x => x.Level)
            .ThenBy(x => x.Disk.Percent)
            .Where(x => x.Level > DiskLevel.Enough)
            .Select(x => new DiskVerdict(x.Level, Words(x.Disk)))
            .FirstOrDefault(new DiskVerdict(DiskLevel.Enough, ""));

    static DiskLevel LevelOf(FreeSpace disk, DiskOptions options) =>
        disk.Percent < options.StopBelowPercent || disk.FreeBytes < (long)options.StopBelowMiB << 20 ? DiskLevel.Full
        : disk.Percent < options.WarnBelowPercent ? DiskLevel.Low
        : DiskLevel.Enough;

    static string Words(FreeSpace disk) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{disk.Percent:0.#} % ({disk.FreeBytes >> 20} MiB) free on the disk of {disk.Path}"
        );
}
