using Nightshift.DagFiles.Fields;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles;

/// <summary>
/// Reads a DAG file. Every mistake is reported at once, with its place and what to write instead. Which keys there are
/// and what may stand there, say the tables in <c>Fields</c>; what must hold between them is checked here and in the
/// rules beside.
/// </summary>
public static class DagFile
{
    /// <summary>Reads the bytes of one file.</summary>
    /// <param name="bytes">UTF-8, or UTF-16 with a byte order mark.</param>
    /// <param name="file">Its name, for whose length the mistakes leave room.</param>
    public static DagReading Read(ReadOnlySpan<byte> bytes, string file)
    {
        var (text, mistake) = TextEncoding.Decode(bytes);
        return text is null ? NoDag(file, mistake!) : Read(text, file);
    }

    /// <summary>Reads the text of one file. Never throws, whatever the text.</summary>
    public static DagReading Read(string yaml, string file = "")
    {
        yaml = yaml.TrimStart('\uFEFF');
        if (TextEncoding.MistakeIn(yaml) is { } unprintable)
            return NoDag(file, unprintable);
        try
        {
            var (root, documents) = YamlLoader.Load(yaml);
            return root is null ? NoDag(file, new(1, NotOneDocument(documents))) : Read(root, file);
        }
        catch (NotYamlException e)
        {
            return NoDag(file, new(Math.Max(e.Line, 1), e.Message));
        }
    }

    static DagReading Read(YamlNode root, string file)
    {
        var reader = new YamlReader();
        var spec = Dag(reader, root);
        return reader.HasMistakes ? new(null, reader.Mistakes(file)) : new(spec, []);
    }

    static DagReading NoDag(string file, DagMistake mistake) => new(null, DagMistake.Bounded([mistake], 0, file));

    static string NotOneDocument(int documents) =>
        $"The file has {documents} YAML documents; write one DAG per file, beginning with 'dag: name'";

    static DagSpec Dag(YamlReader reader, YamlNode root)
    {
        var dag = DagFields.Table.Read(reader, root, "The file", path: "", new());
        var draft = dag.Draft;
        if (!dag.Nodes.ContainsKey("dag"))
            reader.Wrong(root, "The DAG has no name; begin the file with 'dag: name'");
        var schedule = draft.Schedule is { } written
            ? ScheduleRules.Of(reader, written, draft.Timezone, draft.Catchup)
            : null;
        if (draft.MaxActiveRuns > 1 && schedule is { IsContinuous: true })
            reader.Wrong(
                dag.At("max_active_runs"),
                "'max_active_runs' must be 1 for '@continuous', whose runs follow one another; write 1, or leave it out"
            );
        if (draft.Requires.Any(x => x.DagId == draft.DagId))
            reader.Wrong(dag.At("requires"), "A DAG cannot require itself; 'depends_on_past' waits for its run before");
        var (values, typed) = new ParamRules(reader, schedule is not null, draft.Push is not null).Read(draft.Params);
        var scope = new TemplateScope(values.Keys.ToHashSet(), PushOnly: draft.Push is not null && schedule is null);
        if (draft.Tasks is null)
            reader.Wrong(root, "The DAG has no tasks; add 'tasks:' with at least one");
        var (tasks, groups) = draft.Tasks is { } node
            ? new TaskRules(reader, root, scope, draft.FailFast).Read(node, draft.Defaults)
            : ([], []);
        return new DagSpec(draft.DagId, schedule, draft.Push, values, tasks)
        {
            Requires = draft.Requires.Count > 0 ? draft.Requires : null,
            Groups = groups.Count > 0 ? groups : null,
            DagRunTimeout = draft.DagRunTimeout,
            FailFast = draft.FailFast,
            MaxActiveRuns = draft.MaxActiveRuns,
            MaxConsecutiveFailedDagRuns = draft.MaxConsecutiveFailedDagRuns,
            MaxActiveTasks = draft.MaxActiveTasks,
            TypedParams = typed.Count > 0 ? typed : null,
        };
    }
}
