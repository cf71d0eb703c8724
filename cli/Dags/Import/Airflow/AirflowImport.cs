using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>Makes DAG files of Airflow's DAGs.</summary>
static class AirflowImport
{
    /// <param name="files">Name and text of each file.</param>
    /// <param name="image">The image of tasks that name none; null for the default.</param>
    /// <param name="now">What is past must not run again.</param>
    /// <exception cref="ProblemException">A file is no JSON, or there is no DAG in any.</exception>
    public static ImportResult Of(IReadOnlyList<(string Name, string Text)> files, string? image, DateTimeOffset now)
    {
        var (dags, problems) = AirflowFiles.Read(files);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return new([.. dags.Select(x => new AirflowDag(x, image, now).Import(names))], problems);
    }
}
