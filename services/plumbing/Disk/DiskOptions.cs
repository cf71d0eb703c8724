using System.ComponentModel.DataAnnotations;

namespace Nightshift.Plumbing.Disk;

/// <summary>When too little disk is left to start more. Section <c>Nightshift:Disk</c>.</summary>
public sealed record DiskOptions : IValidatableObject
{
    /// <summary>
    /// Folders whose disks are watched: those of the database and of the engine. Default none: nothing is watched;
    /// <c>./nightshift up</c> names its home and the engine's folder.
    /// </summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Free share of a disk in percent below which the status warns; 0 to 100, default 10.</summary>
    [Range(0, 100, ErrorMessage = "Nightshift:Disk:WarnBelowPercent must be a number from 0 to 100")]
    public double WarnBelowPercent { get; init; } = 10;

    /// <summary>
    /// Free share of a disk in percent below which no new run starts; 0 to 100, default 5. Runs that have started go
    /// on.
    /// </summary>
    [Range(0, 100, ErrorMessage = "Nightshift:Disk:StopBelowPercent must be a number from 0 to 100")]
    public double StopBelowPercent { get; init; } = 5;

    /// <summary>
    /// Free space in MiB below which no new run starts, whatever its share; 0 to 1,000,000, default 1024: what
    /// PostgreSQL may write ahead (<c>max_wal_size</c>).
    /// </summary>
    [Range(0, 1_000_000, ErrorMessage = "Nightshift:Disk:StopBelowMiB must be a number from 0 to 1000000")]
    public int StopBelowMiB { get; init; } = 1024;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        WarnBelowPercent < StopBelowPercent
            ? [new("Nightshift:Disk:WarnBelowPercent must not be below Nightshift:Disk:StopBelowPercent")]
            : [];
}
