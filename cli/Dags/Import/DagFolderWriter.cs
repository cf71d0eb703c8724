using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Dags.Import;

/// <summary>Writes DAG files into a folder: all of them or, when one would replace another file, none.</summary>
/// <param name="folder">Is made when it is not there.</param>
/// <param name="overwrite">Whether files of other content are replaced.</param>
sealed class DagFolderWriter(string folder, bool overwrite)
{
    const int MostNamed = 10;

    public static string FileName(ImportedDag dag) => $"{dag.Dag}.yaml";

    /// <summary>Writes the files. One that has its content already stays as it is.</summary>
    /// <exception cref="ProblemException">A file is in the way, or the folder cannot be written.</exception>
    public void Write(IEnumerable<ImportedDag> dags)
    {
        var files = dags.Where(x => x.Content is not null)
            .Select(x => (Path: Path.Combine(folder, FileName(x)), Content: x.Content!))
            .ToList();
        try
        {
            var changed = files.Where(x => !Has(x.Path, x.Content)).ToList();
            RefuseExisting(changed.Select(x => x.Path).Where(Exists).ToList());
            Directory.CreateDirectory(folder);
            foreach (var (path, content) in changed)
                Replace(path, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException($"Cannot write to {folder}: {e.Message} Choose another folder with --to.");
        }
    }

    void RefuseExisting(IReadOnlyList<string> paths)
    {
        if (overwrite || paths.Count == 0)
            return;
        var named = string.Join(", ", paths.Take(MostNamed)) + (paths.Count > MostNamed ? ", …" : "");
        throw new ProblemException(
            $"Nothing was written, since there is already {named}. Write elsewhere with --to, or replace with --force."
        );
    }

    // A link that leads nowhere is in the way too.
    static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    static bool Has(string path, string content) => File.Exists(path) && File.ReadAllText(path) == content;

    // The scheduler reads a file as soon as it has its name, so it gets that when it is whole.
    void Replace(string path, string content)
    {
        var next = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}");
        try
        {
            File.WriteAllText(next, content);
            File.Move(next, path, overwrite);
        }
        finally
        {
            File.Delete(next);
        }
    }
}
