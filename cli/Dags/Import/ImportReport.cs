using System.Globalization;
using System.Text;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Dags.Import;

/// <summary>Says what an import did, for people and for programs.</summary>
/// <param name="result">What it came to.</param>
/// <param name="folder">Where the files are, or would be.</param>
/// <param name="written">False when the files were only shown.</param>
sealed class ImportReport(ImportResult result, string folder, bool written)
{
    /// <summary>The files as they would be written.</summary>
    public string Files() =>
        string.Concat(result.Dags.Where(x => x.Content is not null).Select(x => $"# --- {PathOf(x)}\n{x.Content}\n"));

    /// <summary>For people: a line for each DAG, and below it what was left out.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        foreach (var dag in result.Dags)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Terminal.Value(dag.Source)}: {Outcome(dag)}\n");
            Append(text, "left out", dag.LeftOut);
            Append(text, "note", dag.Notes);
        }
        Append(text, "left out", result.LeftOut, indent: "");
        return text.Append(Summary()).ToString();
    }

    string Outcome(ImportedDag dag) =>
        dag.Content is null ? "not carried over"
        : written ? $"written to {PathOf(dag)}"
        : $"would be written to {PathOf(dag)}";

    static void Append(StringBuilder text, string kind, IReadOnlyList<ImportFinding> findings, string indent = "  ")
    {
        foreach (var (where, field, what) in findings)
            text.Append(
                CultureInfo.InvariantCulture,
                $"{indent}{kind}: {Terminal.Value(field)} ({Terminal.Value(where)}): {Terminal.Value(what)}\n"
            );
    }

    string Summary()
    {
        var (files, all) = (result.Dags.Count(x => x.Content is not null), result.Dags.Count);
        var left = result.LeftOut.Count + result.Dags.Sum(x => x.LeftOut.Count);
        return string.Create(
                CultureInfo.InvariantCulture,
                $"{files} of {all} DAGs {(written ? "written" : "can be written")}, "
            ) + (left == 0 ? "everything carried over.\n" : $"{left} left out.\n");
    }

    /// <summary>For programs. The contents of the files are in it when they were not written.</summary>
    public string Json() =>
        JsonSerializer
            .SerializeToElement(
                new
                {
                    complete = result.IsComplete,
                    written,
                    folder,
                    dags = result.Dags.Select(x => new
                    {
                        source = x.Source,
                        dag_id = x.Dag,
                        file = x.Content is null ? null : PathOf(x),
                        content = written ? null : x.Content,
                        left_out = x.LeftOut.Select(Finding),
                        notes = x.Notes.Select(Finding),
                    }),
                    left_out = result.LeftOut.Select(Finding),
                }
            )
            .Pretty() + "\n";

    static object Finding(ImportFinding x) =>
        new
        {
            where = x.Where,
            field = x.Field,
            text = x.Text,
        };

    string PathOf(ImportedDag dag) => Path.Combine(folder, DagFolderWriter.FileName(dag));
}
