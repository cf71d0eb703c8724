using System.Text.Json;
using System.Text.RegularExpressions;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>One DAG as far as the files have it.</summary>
/// <param name="Id">Its name in Airflow.</param>
/// <param name="Parts">What describes the DAG, the serialised form first.</param>
/// <param name="Tasks">Its tasks in their order, each as the parts that describe it, the serialised form
/// first.</param>
/// <param name="TaskDefaults">What the serialised form leaves out of tasks.</param>
sealed record AirflowDagParts(
    string Id,
    IReadOnlyList<AirflowValue> Parts,
    IReadOnlyList<IReadOnlyList<AirflowValue>> Tasks,
    AirflowValue TaskDefaults
);

/// <summary>
/// Finds the DAGs in JSON files: serialised ones (versions 1 to 3, alone or as rows of <c>serialized_dag</c>), answers
/// of <c>/api/v2/dags/{id}/details</c> and <c>/tasks</c>, and objects of both (<c>{"dag": …, "tasks": …}</c>).
/// </summary>
sealed partial class AirflowFiles
{
    const int MaxDepth = 256;

    sealed class Found(string id)
    {
        public string Id => id;
        public List<AirflowValue> Serialized { get; } = [];
        public List<AirflowValue> Details { get; } = [];
        public List<AirflowValue> Tasks { get; } = []; // answers of /tasks
        public AirflowValue Defaults { get; set; }
    }

    readonly List<Found> dags = [];
    readonly List<AirflowValue> unnamedTasks = [];
    readonly List<ImportFinding> problems = [];

    /// <param name="files">Name and text.</param>
    /// <exception cref="ProblemException">A file is no JSON, or there is no DAG in any.</exception>
    public static (IReadOnlyList<AirflowDagParts> Dags, IReadOnlyList<ImportFinding> Problems) Read(
        IReadOnlyList<(string Name, string Text)> files
    )
    {
        var reader = new AirflowFiles();
        foreach (var (name, text) in files)
            reader.Take(new(reader.Parse(name, text), $"{Path.GetFileName(name)} $"), depth: 0);
        reader.AssignTasks();
        if (reader.dags.Count == 0)
            throw new ProblemException(
                "There is no DAG in it. "
                    + "Give the serialised DAG, or the answers of /api/v2/dags/{id}/details and /tasks."
            );
        return ([.. reader.dags.Select(Merge)], reader.problems);
    }

    JsonElement Parse(string name, string text)
    {
        var clean = NotText().Replace(text, x => x.Groups["bad"].Success ? "\\ufffd" : x.Value);
        if (clean != text)
            problems.Add(
                new(name, "text", "It has NUL or half surrogate pairs, which no program takes; they became U+FFFD")
            );
        try
        {
            using var document = JsonDocument.Parse(clean, new() { MaxDepth = MaxDepth });
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new ProblemException($"{name} is no JSON: {e.Message}");
        }
    }

    void Take(AirflowValue value, int depth)
    {
        if (depth > MaxDepth)
            return;
        if (value.IsArray)
            foreach (var item in value.Items())
                Take(item, depth + 1);
        else if (value.At("data") is { IsObject: true } row)
            Take(row, depth + 1);
        else if (value.At("dags") is { IsArray: true } list)
            Take(list, depth + 1);
        else if (value.At("dag") is { IsObject: true } dag)
            TakePair(value, dag);
        else if (IdOf(value) is not null)
            TakeDag(value);
        else if (value.At("tasks") is { IsArray: true } tasks)
            unnamedTasks.Add(tasks);
        else
            problems.Add(new(value.Where, "file", "This is neither a DAG nor a list of tasks"));
    }

    // {"__version": 3, "dag": …}, or what a person put together: {"dag": …, "tasks": …}
    void TakePair(AirflowValue pair, AirflowValue dag)
    {
        var serialized = dag.At("dag") is { IsObject: true } inner ? inner : dag;
        if (TakeDag(serialized) is not { } found)
            return;
        var defaults = (dag.At("dag").IsObject ? dag : pair).At("client_defaults").At("tasks");
        if (defaults.Exists)
            found.Defaults = defaults;
        var tasks = pair.At("tasks");
        if (tasks.Exists)
            found.Tasks.Add(tasks.At("tasks") is { IsArray: true } answer ? answer : tasks);
        if (pair.At("details") is { IsObject: true } details)
            found.Details.Add(details);
    }

    Found? TakeDag(AirflowValue dag)
    {
        if (IdOf(dag) is not { } id)
        {
            problems.Add(new(dag.Where, "dag_id", "The DAG has no name"));
            return null;
        }
        if (dags.Find(x => x.Id == id) is not { } found)
            dags.Add(found = new(id));
        (dag.At("tasks").IsArray ? found.Serialized : found.Details).Add(dag);
        return found;
    }

    // The answer of /tasks does not say whose they are.
    void AssignTasks()
    {
        var without = dags.Where(x => x.Serialized.Count + x.Tasks.Count == 0).ToList();
        if (unnamedTasks.Count > 0 && without.Count == 0 && dags is [var only])
            without = [only];
        if (unnamedTasks.Count == 1 && without.Count == 1)
            without[0].Tasks.Add(unnamedTasks[0]);
        else
            problems.AddRange(
                unnamedTasks.Select(x => new ImportFinding(
                    x.Where,
                    "tasks",
                    "They do not say whose they are; write {\"dag\": details, \"tasks\": answer} into one file"
                ))
            );
    }

    static AirflowDagParts Merge(Found dag)
    {
        var tasks = dag
            .Serialized.SelectMany(x => x.At("tasks").Items())
            .Concat(dag.Tasks.SelectMany(x => x.Items()))
            .GroupBy(x => x.At("task_id").Text ?? "")
            .Where(x => x.Key.Length > 0)
            .Select(x => (IReadOnlyList<AirflowValue>)[.. x]);
        return new(dag.Id, [.. dag.Serialized, .. dag.Details], [.. tasks], dag.Defaults);
    }

    static string? IdOf(AirflowValue dag) => dag.At("dag_id").Text ?? dag.At("_dag_id").Text;

    // Escapes of JSON; a pair of surrogates is one character, half of a pair and NUL are none.
    [GeneratedRegex(
        @"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
            + @"|\\(?<bad>u[dD][89a-fA-F][0-9a-fA-F]{2}|u0000)|\\."
    )]
    private static partial Regex NotText();
}
