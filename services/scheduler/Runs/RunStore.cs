using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Mapping;
using Nightshift.Scheduler.Variables;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// Decides on runs whose tasks may read outputs and variables, and stores long outputs, what is rendered from them, and
/// lists that tasks are mapped over, beside the run's stream. What a decision lacks is loaded and the decision made
/// again; a run whose outputs are short and that names no variable never reads more than its stream.
/// </summary>
public sealed class RunStore(StreamStore<Run> runs, StreamValueTable values, VariableTable variables)
{
    static readonly NamedValues NoOutputs = NamedValues.Of(new Dictionary<string, string>());

    /// <summary>As <see cref="StreamStore{TState}.Transact"/>.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="decide">Pure; may be called several times.</param>
    /// <param name="cancellationToken">Gives up a decision whose turn has not come.</param>
    /// <param name="outputs">Outputs that are stored when there are events; the decision may read them.</param>
    /// <param name="expectNew">As there.</param>
    public async Task<Committed<Run>> Transact(
        string runId,
        Func<Run, OutputValues, IReadOnlyList<RunEvent>> decide,
        CancellationToken cancellationToken,
        NamedValues? outputs = null,
        bool expectNew = false
    )
    {
        var (stream, reported) = (RunStream.Definition.Prefix + runId, (outputs ?? NoOutputs).Stored);
        var loaded = new Loaded(reported.ToDictionary(x => x.Key, x => (string?)x.Value), []);
        var rendered = new Dictionary<string, string>();
        while (true)
            try
            {
                return await runs.Transact(
                    runId,
                    run =>
                    {
                        rendered.Clear();
                        return [.. Complete(loaded.Values(), x => decide(run, x)).Select(e => Divide(e, rendered))];
                    },
                    cancellationToken,
                    () => values.Rows(stream, reported).Concat(values.Rows(stream, rendered)),
                    expectNew
                );
            }
            catch (MissingValuesException e)
            {
                await Load(runId, e.Values, loaded, cancellationToken);
            }
    }

    /// <summary>What is made of a run that is not decided on.</summary>
    public async Task<T> Read<T>(Run run, Func<OutputValues, T> read, CancellationToken cancellationToken)
    {
        var loaded = new Loaded([], []);
        while (true)
            try
            {
                return Complete(loaded.Values(), read);
            }
            catch (MissingValuesException e)
            {
                await Load(run.Queued!.RunId.Value, e.Values, loaded, cancellationToken);
            }
    }

    /// <summary>All outputs of a task, those beside the stream included.</summary>
    /// <exception cref="InvalidDataException">One is not stored any more.</exception>
    public ValueTask<IReadOnlyDictionary<string, string>> OutputsOf(
        Run run,
        TaskInstance task,
        CancellationToken cancellationToken
    ) =>
        values.Join(
            RunStream.Definition.Prefix + run.Queued!.RunId.Value,
            task.Outputs,
            task.StoredOutputs,
            cancellationToken
        );

    // A variable that is an output has its hash, so that a value is stored once however many tasks read it.
    static RunEvent Divide(RunEvent e, Dictionary<string, string> stored)
    {
        var values = e switch
        {
            TaskQueued x => NamedValues.Of(x.Work.Env),
            TaskMapped x => NamedValues.Of(x.Items),
            _ => NoOutputs,
        };
        foreach (var (hash, value) in values.Stored)
            stored[hash] = value;
        return (e, values.References) switch
        {
            (_, null) => e,
            (TaskQueued x, _) => x with { Work = x.Work with { Env = values.Inline, StoredEnv = values.References } },
            (TaskMapped x, _) => x with { Items = values.Inline, StoredItems = values.References },
            _ => e,
        };
    }

    // What was made without a value does not count, nor does what went wrong without it.
    static T Complete<T>(OutputValues values, Func<OutputValues, T> make)
    {
        try
        {
            var made = make(values);
            return values.AreComplete ? made : throw new MissingValuesException(values);
        }
        catch (TemplateException) when (!values.AreComplete)
        {
            throw new MissingValuesException(values);
        }
    }

    // Each round loads what was missing, so that there is an end.
    async Task Load(string runId, OutputValues missing, Loaded loaded, CancellationToken cancellationToken)
    {
        if (missing.Missing.Count > 0)
        {
            var stream = RunStream.Definition.Prefix + runId;
            var found = await values.Find(stream, missing.Missing, cancellationToken);
            foreach (var hash in missing.Missing)
                loaded.Outputs[hash] = found.GetValueOrDefault(hash);
        }
        if (missing.MissingVariables.Count > 0)
        {
            var found = await variables.Find(missing.MissingVariables, cancellationToken);
            foreach (var key in missing.MissingVariables)
                loaded.Variables[key] = found.GetValueOrDefault(key);
        }
    }

    // One decision sees one value of a variable, however often it is made again.
    sealed record Loaded(Dictionary<string, string?> Outputs, Dictionary<string, string?> Variables)
    {
        public OutputValues Values() => new(Outputs, Variables);
    }

    sealed class MissingValuesException(OutputValues values)
        : Exception($"{values.Missing.Count} outputs and {values.MissingVariables.Count} variables are needed")
    {
        public OutputValues Values => values;
    }
}
