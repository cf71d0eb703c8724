using System.Text.Json;
using Fluid.Values;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Mapping;

namespace Nightshift.Scheduler.Runs;

/// <summary>What templates see of a run, and what comes of it.</summary>
static class RunValues
{
    /// <summary>
    /// The DAG's defaults, which may use the run's dates, under the run's own values, which are taken as they are.
    /// </summary>
    /// <exception cref="RejectedException"><c>invalid_params</c></exception>
    /// <exception cref="TemplateException">A default cannot be rendered.</exception>
    public static (IReadOnlyDictionary<string, string?>, IReadOnlyDictionary<string, JsonElement>?) Params(
        StartRun start
    )
    {
        if (start.Dag.Params.Count == 0)
            return (start.Dag.Params, null);
        var values = Common(start.RunId, start.LogicalDate, start.Interval, start.Trigger);
        var budget = TemplateBudget.OfFile();
        string Rendered(string text) => TemplateText.Render(text, values, start.At, budget);
        var typed = TypedParams.Of(start, Rendered);
        var texts = start.Dag.Params.Where(x => typed?.ContainsKey(x.Key) is not true);
        return (
            texts.ToDictionary(
                x => x.Key,
                x =>
                    start.Params.TryGetValue(x.Key, out var given) ? given
                    : x.Value is null ? null
                    : Rendered(x.Value)
            ),
            typed
        );
    }

    /// <summary>A task's work with its environment rendered.</summary>
    /// <param name="run">The run.</param>
    /// <param name="spec">The task.</param>
    /// <param name="memoryMiB">Its memory limit now.</param>
    /// <param name="at">What its templates mean by <c>now</c>.</param>
    /// <param name="outputs">The outputs beside the run's stream.</param>
    /// <exception cref="TemplateException">A template names something that does not exist, or makes more than a
    /// program takes.</exception>
    public static AttemptWork Work(Run run, TaskSpec spec, int memoryMiB, DateTimeOffset at, OutputValues outputs) =>
        new(
            spec.Kind,
            spec.Queue,
            spec.Image,
            spec.Command,
            Env(run, spec, at, outputs),
            spec.Timeout,
            memoryMiB,
            spec.Cpus
        )
        {
            TmpMiB = spec.TmpMiB,
            Priority = run.Plan.PriorityOf(spec.TaskId) is var priority and not PriorityWeights.Default
                ? priority
                : null,
        };

    /// <summary>True when the task's own conditions say that it has nothing to do.</summary>
    /// <exception cref="TemplateException">A condition names something that does not exist.</exception>
    public static bool IsSkipped(Run run, TaskSpec spec, DateTimeOffset at, OutputValues outputs) =>
        (spec.RunIf ?? spec.SkipIf) is not null
        && Rendered(
            run,
            spec,
            outputs,
            (values, budget) =>
                spec.RunIf is { } run && !TemplateCondition.Holds(run, values, at, budget)
                || spec.SkipIf is { } skip && TemplateCondition.Holds(skip, values, at, budget)
        );

    static IReadOnlyDictionary<string, string> Env(Run run, TaskSpec spec, DateTimeOffset at, OutputValues outputs) =>
        spec.Env.Count == 0
            ? spec.Env
            : Rendered(
                run,
                spec,
                outputs,
                (values, budget) =>
                {
                    var env = spec.Env.ToDictionary(x => x.Key, x => Rendered(x.Key, x.Value, values, at, budget));
                    return ProcessLimits.Mistake(spec.Command, env) is { } mistake
                        ? throw new TemplateException(mistake)
                        : env;
                }
            );

    /// <summary>What an instance of a mapped task is called; null when it has no name.</summary>
    /// <exception cref="TemplateException">The template names something that does not exist.</exception>
    public static string? MapIndex(Run run, TaskSpec spec, DateTimeOffset at, OutputValues outputs) =>
        spec.MapIndexTemplate is { } template
        && Rendered(run, spec, outputs, (values, budget) => TemplateText.Render(template, values, at, budget))
            is { Length: > 0 } name
            ? TaskFailure.Cut(name, TaskQueued.LongestName)
            : null;

    // An instance of a mapped task knows its item too.
    static T Rendered<T>(
        Run run,
        TaskSpec spec,
        OutputValues outputs,
        Func<IReadOnlyDictionary<string, object?>, TemplateBudget, T> render
    )
    {
        var (task, index) = TaskInstanceId.Parse(spec.TaskId);
        return run.MappedOf(task) is { } mapped
            ? RenderedAsTask(
                run,
                spec,
                outputs,
                (values, budget) =>
                    render(
                        new Dictionary<string, object?>(values)
                        {
                            ["item"] = MapItems.ItemOf(mapped, spec, index, outputs),
                            ["map_index"] = index,
                        },
                        budget
                    )
            )
            : RenderedAsTask(run, spec, outputs, render);
    }

    /// <summary>Renders with what templates of a task know, whether or not it is mapped.</summary>
    public static T RenderedAsTask<T>(
        Run run,
        TaskSpec spec,
        OutputValues outputs,
        Func<IReadOnlyDictionary<string, object?>, TemplateBudget, T> render
    )
    {
        var queued = run.Queued!;
        var values = Common(queued.RunId, queued.LogicalDate, queued.Interval, queued.Trigger);
        values["params"] = queued
            .Params.Select(x => KeyValuePair.Create(x.Key, (object?)TaskOutputs.Value(x.Value)))
            .Concat(
                (queued.TypedParams ?? ParamConf.None).Select(x =>
                    KeyValuePair.Create(x.Key, (object?)TaskOutputs.Value(x.Value))
                )
            )
            .ToDictionary();
        var budget = TemplateBudget.OfTask();
        values["tasks"] = new DictionaryValue(
            new TaskOutputs(run, TaskInstanceId.TaskOf(spec.TaskId), outputs, budget)
        );
        values["var"] = new DictionaryValue(new TemplateVariables(outputs, budget));
        try
        {
            return render(values, budget);
        }
        catch (UndefinedNameException e) when (e.Name.Parts is ["var", var key, ..] && outputs.Variable(key) is null)
        {
            throw Unknown(key, e.Name);
        }
        catch (UndefinedNameException e) when (MissingOutput(run, spec, e.Name) is var (task, output))
        {
            throw new TemplateException(
                $"Task '{task}' handed on no output '{output}'; where it may be missing, "
                    + $"write '{{{{ {e.Name.Written} | default: \"…\" }}}}'"
            );
        }
    }

    static TemplateException Unknown(string variable, TemplateName name) =>
        new(
            $"There is no variable '{variable}'; set it with 'nightshift variables set {variable} VALUE', or, where it may "
                + $"be missing, write '{{{{ {name.Written} | default: \"…\" }}}}'"
        );

    static (string Task, string Output)? MissingOutput(Run run, TaskSpec spec, TemplateName name)
    {
        var path = name.Parts.Skip(1).ToList();
        return
            name.Parts is ["tasks", _, ..]
            && run.Plan.Names.Find(TaskInstanceId.TaskOf(spec.TaskId), path) is var (task, parts)
            && path.Skip(parts).ToList() is ["output", var output, ..]
            && run.Find(task) is { } upstream
            && !upstream.HandedOn(output)
            ? (task, output)
            : null;
    }

    // Only what stands in the DAG file names a secret. A param or an output that looks like a reference is data, and
    // would read any secret it likes.
    static string Rendered(
        string name,
        string text,
        IReadOnlyDictionary<string, object?> values,
        DateTimeOffset at,
        TemplateBudget budget
    )
    {
        var value = TemplateText.Render(text, values, at, budget);
        if (ProcessLimits.Mistake(name, value) is { } mistake)
            throw new TemplateException(mistake);
        return value == text || !value.StartsWith(Contracts.StartAttempt.SecretPrefix, StringComparison.Ordinal)
            ? value
            : throw new TemplateException(
                $"'{text}' renders to text that begins with '{Contracts.StartAttempt.SecretPrefix}'; name the "
                    + $"secret in the DAG file itself, as {Contracts.StartAttempt.SecretPrefix}NAME without a template"
            );
    }

    static Dictionary<string, object?> Common(
        RunId runId,
        DateTimeOffset logicalDate,
        DataInterval? interval,
        IReadOnlyDictionary<string, string> trigger
    ) =>
        TemplateValues.OfRun(
            runId.Value,
            logicalDate,
            interval is null ? null : (interval.Start, interval.End),
            trigger
        );
}
