using System.Globalization;
using System.Text;
using Nightshift.DagFiles;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>The DAG file of one DAG.</summary>
sealed class AirflowDag(AirflowDagParts parts, string? image, DateTimeOffset now)
{
    const int MostCommentLines = 100;
    const int MaxDagFileBytes = 1024 * 1024; // the default of Nightshift__MaxDagFileBytes

    static readonly TimeSpan LongestRun = TimeSpan.FromDays(366);

    readonly ImportFindings findings = new();

    string Where => parts.Parts[0].Where;

    public ImportedDag Import(ISet<string> names)
    {
        var dag = DagName.Unique(DagName.Of(parts.Id, "dag"), names);
        if (dag != parts.Id)
            findings.Note(Where, "dag_id", $"'{parts.Id}' cannot be a name here; the DAG is '{dag}'");
        var @params = AirflowParams.Read(Field("params"), findings);
        var tasks = new AirflowTasks(parts, @params, image, findings);
        if (Unreadable(tasks) is { } why)
        {
            findings.Lose(Where, "tasks", why);
            return new(parts.Id, null, null, findings.LeftOut, findings.Notes);
        }
        var root = Root(dag, @params, tasks);
        ReportTheRest();
        var content = DagYaml.Write(Comments(), root);
        if (Encoding.UTF8.GetByteCount(content) > MaxDagFileBytes)
            findings.Lose(
                Where,
                "tasks",
                "The file has more than 1 MiB; raise Nightshift__MaxDagFileBytes, or write several DAGs"
            );
        return new(parts.Id, dag, content, findings.LeftOut, findings.Notes);
    }

    string? Unreadable(AirflowTasks tasks) =>
        parts.Tasks.Count == 0 ? "There are no tasks in it; give the serialised DAG, or the answer of /tasks"
        : tasks.HasCircle() ? "They wait for each other in a circle"
        : null;

    YamlMap Root(string dag, AirflowParams @params, AirflowTasks all)
    {
        var schedule = new AirflowSchedule(Field, findings, now).Read();
        if (schedule.Value is not null && IsPaused)
        {
            comments.Add($"It was paused, so it has no schedule; it had: {Shown(schedule)}");
            findings.Lose(Where, "is_paused", "A DAG file cannot say that; the schedule is in a comment of the file");
            schedule = default;
        }
        var failFast = Field("fail_fast", "fail_stop");
        var (tasks, defaults) = all.Read(failFast.IsTrue);
        var root = new YamlMap()
            .Add("dag", dag)
            .Add("schedule", schedule.Value)
            .Add("timezone", schedule.Timezone)
            .Add("dagrun_timeout", Timeout())
            .Add("fail_fast", failFast.IsTrue ? YamlPlain.True : null)
            .Add("max_active_runs", Limit("max_active_runs", says: AirflowMaxActiveRuns, most: 10_000))
            .Add("max_consecutive_failed_dag_runs", Limit("max_consecutive_failed_dag_runs", says: 0, most: 1000));
        var active = Field("max_active_tasks", "_max_active_tasks", "_concurrency");
        AirflowLimits.AddWhole(root, active, "max_active_tasks", from: 1, usual: 16, findings); // Airflow's default
        return root.Add("params", @params.Yaml).Add("defaults", defaults).Add("tasks", tasks);
    }

    readonly List<string> comments = [];

    bool IsPaused =>
        Field("is_paused") is { Exists: true } paused ? paused.IsTrue : Field("is_paused_upon_creation").IsTrue;

    static string Shown(ImportedSchedule schedule) =>
        DagYaml
            .Write([], new YamlMap().Add("schedule", schedule.Value).Add("timezone", schedule.Timezone))
            .ReplaceLineEndings(" ");

    /// <summary>Airflow's default, which nobody chose.</summary>
    const int AirflowMaxActiveRuns = 16;

    // 0 is no limit, in Airflow too.
    YamlPlain? Limit(string name, int says, int most)
    {
        var field = Field(name);
        if (field.IsEmpty || field.Number is not { } limit || limit == 0 || limit == says)
            return null;
        if (limit >= 1 && limit <= most && double.IsInteger(limit))
            return new(limit.ToString(CultureInfo.InvariantCulture));
        findings.Lose(field.Where, name, $"It is no whole number from 1 to {most}");
        return null;
    }

    YamlPlain? Timeout()
    {
        var field = Field("dagrun_timeout", "dag_run_timeout");
        if (!field.Exists)
            return null;
        if (field.Duration is { } timeout && timeout >= TimeSpan.FromSeconds(1) && timeout <= LongestRun)
            return new(Durations.Write(timeout));
        findings.Lose(field.Where, "dagrun_timeout", "It is not between 1 second and 366 days");
        return null;
    }

    IEnumerable<string> Comments()
    {
        yield return $"Imported from Airflow: {parts.Id}";
        foreach (var text in new[] { Field("description", "_description").Text, Field("doc_md").Text }.OfType<string>())
        foreach (var line in Lines(text))
            yield return line;
        if (Tags() is { Count: > 0 } tags)
            yield return $"Tags: {string.Join(", ", tags)}";
        foreach (var comment in comments)
            yield return comment;
        foreach (var (where, field, text) in findings.LeftOut.Take(MostCommentLines))
            yield return $"Left out: {field} ({where}): {text}";
    }

    IEnumerable<string> Lines(string text)
    {
        var lines = text.Trim().ReplaceLineEndings("\n").Split('\n');
        if (lines.Length > MostCommentLines)
            findings.Note(Where, "doc_md", $"Only its first {MostCommentLines} lines are in the file");
        return lines.Take(MostCommentLines);
    }

    IReadOnlyList<string> Tags()
    {
        var field = Field("tags");
        IReadOnlyList<string> tags = [.. field.Items().Select(x => x.Text ?? x.At("name").Text).OfType<string>()];
        return tags;
    }

    void ReportTheRest()
    {
        foreach (var field in AirflowFields.LostOfDag)
            if (Field(field.Name) is { Exists: true } value && field.IsLost(value))
                findings.Lose(value.Where, field.Name, field.Text);
        foreach (var (name, value) in parts.Parts.SelectMany(x => x.Members()))
            if (
                !AirflowFields.KnownOfDag.Contains(name)
                && !AirflowFields.LostOfDag.Any(x => x.Name == name)
                && !value.IsEmpty
            )
                findings.Lose(value.Where, name, "The import does not know it");
    }

    AirflowValue Field(params IReadOnlyList<string> names) => AirflowParts.Field(parts.Parts, names);
}

/// <summary>Reads fields of what several parts describe.</summary>
static class AirflowParts
{
    /// <summary>The first value that a part has under one of the names; one that does not exist when none
    /// has.</summary>
    public static AirflowValue Field(IReadOnlyList<AirflowValue> parts, IReadOnlyList<string> names)
    {
        foreach (var part in parts)
        foreach (var name in names)
            if (part.At(name) is { Exists: true } value)
                return value;
        return parts.Count > 0 ? parts[0].At(names[0]) : default;
    }
}
