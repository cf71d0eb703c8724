namespace Nightshift.Cli.Infrastructure;

/// <summary>Refuses to start where the database would soon stop for lack of room.</summary>
public static class Disk
{
    /// <summary>What a first start writes: cluster, write-ahead log, image and builds.</summary>
    const long Needed = 1L << 30;

    /// <exception cref="ProblemException">Less than 1 GiB is free.</exception>
    public static void Require(string directory)
    {
        var free = new DriveInfo(directory).AvailableFreeSpace;
        if (Judge(directory, free) is { } problem)
            throw new ProblemException(problem);
    }

    public static string? Judge(string directory, long freeBytes) =>
        freeBytes >= Needed
            ? null
            : $"Only {freeBytes >> 20} MiB are free on the disk of {directory}; 1024 MiB are needed. Make room, or "
                + "choose another disk with NIGHTSHIFT_HOME.";
}
