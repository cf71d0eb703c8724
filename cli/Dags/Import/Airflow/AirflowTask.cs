using System.Globalization;
using Nightshift.Cli.Client;
using Nightshift.Contracts;
using Nightshift.DagFiles;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>The fields of one task, except what it runs.</summary>
sealed partial class AirflowTask(
    IReadOnlyList<AirflowValue> task,
    AirflowDagParts dag,
    AirflowParams @params,
    ImportFindings findings
)
{
    const int MostRetries = 100;
    static readonly TimeSpan DefaultRetryDelay = TimeSpan.FromMinutes(5); // Airflow's
    static readonly TimeSpan LongestRetryDelay = TimeSpan.FromDays(1); // what backoff makes at most, here and there

    /// <summary>Fields of the DAG file that tasks often have in common.</summary>
    public static IReadOnlyList<string> Shared { get; } =
    [
        "image",
        "retries",
        "retry_delay",
        "retry_exponential_backoff",
        "max_retry_delay",
        "timeout",
        "queue",
        "pool",
        "pool_slots",
        "priority_weight",
        "weight_rule",
        "max_active_tis_per_dag",
        "max_active_tis_per_dagrun",
    ];

    static readonly Dictionary<string, string?> Rules = new[]
    {
        "all_success",
        "all_failed",
        "all_done",
        "all_done_min_one_success",
        "all_done_setup_success",
        "all_skipped",
        "one_success",
        "one_failed",
        "one_done",
        "none_failed",
        "none_failed_min_one_success",
        "none_skipped",
        "always",
    }.ToDictionary(x => x, x => (string?)x);

    static AirflowTask()
    {
        Rules["dummy"] = "always"; // words of Airflow 1 and 2
        Rules["none_failed_or_skipped"] = "none_failed_min_one_success";
    }

    readonly HashSet<string> read = [];

    public string Where => task[0].Where;

    /// <summary>Its operator's class.</summary>
    public string Operator =>
        Terminal.Excerpt(
            Field("task_type", "_task_type").Text
                ?? Field("class_ref").At("class_name").Text
                ?? Field("operator_name").Text
                ?? "unknown operator",
            100
        );

    public bool IsMapped => Field("_is_mapped", "is_mapped").IsTrue;

    public bool IsEmptyOperator =>
        Field("_is_empty", "_is_dummy").IsTrue || Operator is "EmptyOperator" or "DummyOperator";

    /// <summary>A field of the operator; it counts as read.</summary>
    public AirflowValue Argument(string name)
    {
        read.Add(name);
        return Field(name);
    }

    /// <summary>Counts all fields of the operator as read: its work is missing as a whole.</summary>
    public void DropArguments() =>
        read.UnionWith(Field("template_fields").Items().Select(x => x.Text).OfType<string>());

    /// <summary>Adds what says when the task runs.</summary>
    /// <param name="yaml">The task.</param>
    /// <param name="onlyAllSuccess">No other trigger rule is possible here.</param>
    public void AddFlow(YamlMap yaml, bool onlyAllSuccess)
    {
        var (setup, teardown) = (Field("is_setup", "_is_setup").IsTrue, Field("is_teardown", "_is_teardown").IsTrue);
        yaml.Add("setup", setup ? YamlPlain.True : null).Add("teardown", teardown ? YamlPlain.True : null);
        if (teardown && Field("on_failure_fail_dagrun", "_on_failure_fail_dagrun").IsTrue)
            yaml.Add("on_failure_fail_dagrun", YamlPlain.True);
        foreach (var past in (string[])["depends_on_past", "wait_for_downstream"])
            yaml.Add(past, Field(past).IsTrue ? YamlPlain.True : null);
        var field = Field("trigger_rule");
        var rule = (field.Text ?? "all_success").ToLowerInvariant();
        if (!Rules.TryGetValue(rule, out var known))
            findings.Lose(field.Where, "trigger_rule", $"'{rule}' is unknown; the task has all_success");
        else if (onlyAllSuccess && !teardown && known is not "all_success")
            findings.Lose(field.Where, "trigger_rule", "With fail_fast, and behind a setup, a task has all_success");
        else if (known is not "all_success" && !teardown)
            yaml.Add("trigger_rule", known);
    }

    /// <summary>Adds retries, timeout, limits and queue.</summary>
    public void AddAttempts(YamlMap yaml)
    {
        AddRetries(yaml);
        AddLimits(yaml);
        var timeout = Field("execution_timeout");
        // Without one a task of Airflow takes as long as it takes.
        yaml.Add("timeout", new YamlPlain(Durations.Write(TaskSpec.LongestDuration)));
        if (
            timeout.Exists
            && InRange(timeout, "execution_timeout", TimeSpan.FromSeconds(1), TaskSpec.LongestDuration) is { } limit
        )
        {
            yaml.Remove("timeout");
            yaml.Add("timeout", new YamlPlain(Durations.Write(limit)));
        }
        var queue = Field("queue");
        if (queue.Text is null or "default")
            return;
        if (!ExecutorQueue.IsName(queue.Text))
            findings.Lose(queue.Where, "queue", $"'{queue.Text}' cannot be a queue's name; the task is in 'default'");
        else
        {
            yaml.Add("queue", queue.Text);
            findings.Note(queue.Where, "queue", $"An executor has to serve the queue '{queue.Text}'");
        }
    }

    void AddRetries(YamlMap yaml)
    {
        var field = Field("retries");
        var retries = field.Number ?? 0;
        if (retries > MostRetries)
            findings.Lose(field.Where, "retries", $"{retries} are more than {MostRetries}, which the task has");
        retries = Math.Clamp(Math.Floor(retries), 0, MostRetries);
        if (retries == 0)
            return;
        yaml.Add("retries", new YamlPlain(retries.ToString(CultureInfo.InvariantCulture)));
        var delay = Field("retry_delay") is { Exists: true } given
            ? InRange(given, "retry_delay", TimeSpan.Zero, TaskSpec.LongestDuration)
            : DefaultRetryDelay;
        yaml.Add("retry_delay", new YamlPlain(Durations.Write(delay ?? DefaultRetryDelay)));
        AddBackoff(yaml);
    }

    void AddBackoff(YamlMap yaml)
    {
        var field = Field("retry_exponential_backoff");
        if (field.IsTrue)
            yaml.Add("retry_exponential_backoff", YamlPlain.True);
        else if (field.Number is >= 1 and <= 100)
            yaml.Add("retry_exponential_backoff", new YamlPlain(field.Inner.Json.GetRawText()));
        else if (!field.IsEmpty && field.Number is not 0)
            findings.Lose(
                field.Where,
                "retry_exponential_backoff",
                "It is not between 1 and 100; delays stay the same"
            );
        var most = Field("max_retry_delay");
        if (
            yaml["retry_exponential_backoff"] is null
            || most.Duration is not { } longest
            || longest >= LongestRetryDelay
        )
            return;
        if (InRange(most, "max_retry_delay", TimeSpan.FromSeconds(1), LongestRetryDelay) is { } limit)
            yaml.Add("max_retry_delay", new YamlPlain(Durations.Write(limit)));
    }

    TimeSpan? InRange(AirflowValue field, string name, TimeSpan from, TimeSpan to)
    {
        if (field.Duration is not { } duration)
        {
            findings.Lose(field.Where, name, "It is no duration");
            return null;
        }
        if (duration < from || duration > to)
            findings.Lose(
                field.Where,
                name,
                $"It is not between {Durations.Write(from)} and {Durations.Write(to)}; the nearest is used"
            );
        return duration < from ? from
            : duration > to ? to
            : duration;
    }

    /// <summary>Notes what nobody asked for and has no counterpart.</summary>
    public void ReportTheRest()
    {
        foreach (var field in AirflowFields.LostOfTask.Where(x => !read.Contains(x.Name)))
            if (Field(field.Name) is { Exists: true } value && field.IsLost(value))
                findings.Lose(value.Where, field.Name, field.Text);
        ReportDates();
        ReportParams();
        // what an operator we know does not have is said where its work is
        foreach (
            var (name, value) in task.Concat(task.Select(x => x.At("partial_kwargs"))).SelectMany(x => x.Members())
        )
            if (!IsKnown(name) && !value.IsEmpty)
                findings.Lose(value.Where, name, "It has no counterpart");
    }

    bool IsKnown(string name) =>
        read.Contains(name)
        || AirflowFields.KnownOfTask.Contains(name)
        || AirflowFields.LostOfTask.Any(x => x.Name == name);

    // Tasks take the dates of their DAG.
    void ReportDates()
    {
        foreach (var name in new[] { "start_date", "end_date" })
            if (Field(name) is { Exists: true } own && own.Instant != AirflowParts.Field(dag.Parts, [name]).Instant)
                findings.Lose(own.Where, name, "Dates belong to the schedule of the DAG");
    }

    void ReportParams()
    {
        foreach (var (name, param) in AirflowParams.Pairs(Field("params")))
        {
            var value = AirflowParams.Default(param);
            if (@params.Values.GetValueOrDefault(name) != (value.Exists ? value.Json.GetRawText() : "null"))
                findings.Lose(param.Where, $"params.{name}", "Parameters belong to the DAG; add it there");
        }
    }

    // What a mapped task has in common stands apart; what all tasks have, in the defaults.
    AirflowValue Field(params IReadOnlyList<string> names)
    {
        var own = AirflowParts.Field([.. task, .. task.Select(x => x.At("partial_kwargs"))], names);
        return !own.Exists && AirflowParts.Field([dag.TaskDefaults], names) is { Exists: true } usual ? usual : own;
    }
}
