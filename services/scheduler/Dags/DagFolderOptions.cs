using System.ComponentModel.DataAnnotations;

namespace Nightshift.Scheduler.Dags;

/// <summary>Where DAG files are. Section <c>Nightshift</c>.</summary>
public sealed record DagFolderOptions
{
    /// <summary>
    /// The folder whose <c>*.yaml</c> and <c>*.yml</c> files are DAGs, subfolders included. No default.
    /// </summary>
    [Required(
        ErrorMessage = "Nightshift:DagsDirectory is missing. Set Nightshift__DagsDirectory to the folder with "
            + "the DAG files"
    )]
    public string DagsDirectory { get; init; } = "";

    /// <summary>
    /// The most one DAG file may have, in bytes: 1 KiB to 16 MiB. A larger one is an import error. Default 1 MiB, where
    /// 10,000 tasks fit.
    /// </summary>
    [Range(
        1024,
        DagFileLimits.Bytes,
        ErrorMessage = "Nightshift:MaxDagFileBytes must be 1024 to 16777216. Set Nightshift__MaxDagFileBytes to "
            + "a number of bytes"
    )]
    public int MaxDagFileBytes { get; init; } = 1024 * 1024;
}
