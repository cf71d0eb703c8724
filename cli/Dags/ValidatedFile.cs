using Nightshift.DagFiles;

namespace Nightshift.Cli.Dags;

/// <summary>A file and what is wrong in it.</summary>
/// <param name="File">Its name as it was given.</param>
/// <param name="Spec">The DAG; null when it has a mistake.</param>
/// <param name="Mistakes">What is wrong, none when it is good.</param>
sealed record ValidatedFile(string File, DagSpec? Spec, IReadOnlyList<DagMistake> Mistakes)
{
    /// <summary>Reads what a file has.</summary>
    public static ValidatedFile Of(string file, FileContent content)
    {
        if (content.Bytes is not { } bytes)
            return new(file, null, [new(1, content.Mistake!)]);
        var reading = DagFile.Read(bytes, file);
        return new(file, reading.Spec, reading.Mistakes);
    }

    /// <summary>The same files; of two with the same DAG the later one has a mistake.</summary>
    public static IEnumerable<ValidatedFile> WithRepeatedNames(IEnumerable<ValidatedFile> files)
    {
        var first = new Dictionary<string, string>();
        foreach (var file in files)
            yield return file.Spec is not { } spec || first.TryAdd(spec.DagId, file.File)
                ? file
                : file with
                {
                    Spec = null,
                    Mistakes = [new(1, $"The DAG '{spec.DagId}' is also in {first[spec.DagId]}; rename one of them")],
                };
    }

    /// <summary>The mistakes as compilers write them, which editors understand.</summary>
    public IEnumerable<string> Lines() =>
        Mistakes.Select(x => $"{File}:{x.Line}{(x.Column is { } column ? $":{column}" : "")}: {x.Text}");
}
