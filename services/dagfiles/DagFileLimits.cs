namespace Nightshift.DagFiles;

/// <summary>How much one DAG file may be. Beyond a limit it is an import error and the other files are read.</summary>
public static class DagFileLimits
{
    /// <summary>Bytes of one file that the scheduler can be set to read (<c>Nightshift__MaxDagFileBytes</c>).</summary>
    public const int Bytes = 16 * 1024 * 1024;

    /// <summary>Lists and mappings inside each other. GitHub's own workflow files stay below ten.</summary>
    public const int Depth = 50;

    /// <summary>Characters and values of the document, counting again what aliases and merge keys repeat.</summary>
    public const long Weight = 8 * 1024 * 1024;

    /// <summary>Characters of all commands and environments, counting again what <c>defaults</c> gives each task.
    /// The DAG's version and each of its runs store as much.</summary>
    public const long SpecLength = 16 * 1024 * 1024;

    /// <summary>Needs between tasks that come of needs of groups: each first task of a group needs each last task of the
    /// other.</summary>
    public const int GroupNeeds = 100_000;

    /// <summary>UTF-8 bytes of everything said about one file.</summary>
    public const int MistakeBytes = 960;

    /// <summary>Mistakes that are noted; more are counted.</summary>
    public const int Mistakes = 50;
}
