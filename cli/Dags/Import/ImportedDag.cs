namespace Nightshift.Cli.Dags.Import;

/// <summary>Something the reader of a report has to know about one field of the source.</summary>
/// <param name="Where">Its place in the source: <c>etl.json $.dag.tasks[3].pool</c>, or <c>line 12</c>.</param>
/// <param name="Field">Its name in the source, such as <c>pool</c> or <c>MAILTO</c>.</param>
/// <param name="Text">What became of it, and what to do instead; one sentence.</param>
public sealed record ImportFinding(string Where, string Field, string Text);

/// <summary>One DAG of the source.</summary>
/// <param name="Source">Its name in the source: a DAG id of Airflow, or the line of a crontab.</param>
/// <param name="Dag">The name of the DAG that is written; null when there is none.</param>
/// <param name="Content">The DAG file; null when nothing of it could be carried over.</param>
/// <param name="LeftOut">What is not carried over, or means less than it did.</param>
/// <param name="Notes">What is carried over in another form.</param>
public sealed record ImportedDag(
    string Source,
    string? Dag,
    string? Content,
    IReadOnlyList<ImportFinding> LeftOut,
    IReadOnlyList<ImportFinding> Notes
);

/// <summary>What an import came to.</summary>
/// <param name="Dags">The DAGs of the source, in its order.</param>
/// <param name="LeftOut">What is not carried over and belongs to no DAG.</param>
public sealed record ImportResult(IReadOnlyList<ImportedDag> Dags, IReadOnlyList<ImportFinding> LeftOut)
{
    /// <summary>Whether everything was carried over.</summary>
    public bool IsComplete => LeftOut.Count == 0 && Dags.All(x => x.LeftOut.Count == 0);

    /// <summary>Whether there is any file to write.</summary>
    public bool HasFiles => Dags.Any(x => x.Content is not null);
}

/// <summary>Collects the findings about one DAG.</summary>
sealed class ImportFindings
{
    const int MostCharacters = 500; // of a text, which may have what the source has
    readonly List<ImportFinding> leftOut = [];
    readonly List<ImportFinding> notes = [];

    public IReadOnlyList<ImportFinding> LeftOut => leftOut;

    public IReadOnlyList<ImportFinding> Notes => notes;

    /// <summary>Notes something that is not carried over.</summary>
    public void Lose(string where, string field, string text) => Add(leftOut, new(where, field, text));

    /// <summary>Notes something that is carried over in another form.</summary>
    public void Note(string where, string field, string text) => Add(notes, new(where, field, text));

    static string Cut(string text) => Client.Terminal.Excerpt(text, MostCharacters);

    static void Add(List<ImportFinding> findings, ImportFinding finding)
    {
        finding = new(Cut(finding.Where), Cut(finding.Field), Cut(finding.Text));
        if (!findings.Contains(finding))
            findings.Add(finding);
    }
}
