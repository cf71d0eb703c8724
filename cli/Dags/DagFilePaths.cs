using Nightshift.Cli.Client;
using Nightshift.Cli.Infrastructure;
using Nightshift.DagFiles;

namespace Nightshift.Cli.Dags;

/// <summary>What a file has: its bytes, or why there are none.</summary>
sealed record FileContent(byte[]? Bytes, string? Mistake);

/// <summary>Finds and reads the files that a command names.</summary>
static class DagFilePaths
{
    /// <summary>The name of standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>
    /// The file itself, or the DAG files of a folder, subfolders included, without those whose name begins with a dot.
    /// </summary>
    public static IReadOnlyList<string> In(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        try
        {
            var files = Directory
                .EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Where(x => Path.GetExtension(x) is ".yaml" or ".yml" && !IsHidden(Path.GetRelativePath(path, x)))
                .Order(StringComparer.Ordinal)
                .ToList();
            return files.Count > 0 ? files : [path]; // reading it then says that it has none
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(Terminal.Lines($"The folder {path} cannot be listed ({e.Message})."));
        }
    }

    /// <summary>Reads a file, and never more than a DAG file may have.</summary>
    public static async Task<FileContent> Read(string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
            return new(null, "The folder has no DAG files, whose names end with .yaml or .yml; name another");
        try
        {
            await using var stream = path == StandardInput ? Console.OpenStandardInput() : File.OpenRead(path);
            var buffer = new MemoryStream();
            var part = new byte[64 * 1024];
            int read;
            while ((read = await stream.ReadAsync(part, cancellationToken)) > 0 && buffer.Length <= DagFileLimits.Bytes)
                buffer.Write(part, 0, read);
            return buffer.Length > DagFileLimits.Bytes
                ? new(null, $"The file has more than {DagFileLimits.Bytes} bytes; write several DAGs")
                : new(buffer.ToArray(), null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(null, "There is no such file; check the name");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(null, $"The file cannot be read ({e.Message}); make it one that you may read");
        }
    }

    static bool IsHidden(string path) => path.Split(Path.DirectorySeparatorChar).Any(x => x.StartsWith('.'));
}
