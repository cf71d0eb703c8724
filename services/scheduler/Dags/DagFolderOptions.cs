using System.ComponentModel.DataAnnotations;

namespace Nightshift.Scheduler.Dags;

/// <summary>Where DAG files are. Section <c>Nightshift</c>.</summary>
public sealed record DagFolderOptions
{
    /// <summary>
    /// The folder whose <c>*.yaml</c> and <c>*.yml</c> files are DAGs, subfolders included. No default.
    /// </summary>
    [Required(
        ErrorMessage = "Nightshift:DagsDirectory is missing. Set Nightshift__DagsDirectory to the folder with the DAG files"
    )]
    public string DagsDirectory { get; init; } = "";
}
