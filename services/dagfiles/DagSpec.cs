using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Contracts;
using Nightshift.DagFiles.Groups;

namespace Nightshift.DagFiles;

/// <summary>What a DAG file says, defaults filled in. Same content, same <see cref="Version"/>.</summary>
/// <param name="DagId">Letters, digits, <c>_</c> and <c>-</c>, without <c>_</c> at either end or twice in a row;
/// unique.</param>
/// <param name="Schedule">When it runs by itself; null for never.</param>
/// <param name="Push">Which pushes start it; null for none.</param>
/// <param name="Params">Parameters and their defaults, null for no value; a run may override them and may name no
/// others.</param>
/// <param name="Tasks">In topological order: every task stands after all it needs.</param>
public sealed record DagSpec(
    string DagId,
    Schedule? Schedule,
    PushTrigger? Push,
    IReadOnlyDictionary<string, string?> Params,
    IReadOnlyList<TaskSpec> Tasks
)
{
    /// <summary>How long a run may take from when it was queued, 1 s to 366 days; null for any time. At its end the run
    /// has failed, and every task that has not ended is skipped.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? DagRunTimeout { get; init; }

    /// <summary>The first task that fails for good ends the run: other tasks are stopped or skipped, except
    /// teardowns.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FailFast { get; init; }

    /// <summary>Runs that may be under way at the same time, 1 to 10000, those of backfills not counted; null for any
    /// number. Further runs are queued, and ticks wait.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxActiveRuns { get; init; }

    /// <summary>Runs that fail one after the other before the DAG pauses itself, 1 to 1000; null for never.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxConsecutiveFailedDagRuns { get; init; }

    /// <summary>Tasks of one run that may be queued or running at a time, 1 to 1000000; null for any number. Airflow's
    /// name; as there since version 3, it counts per run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxActiveTasks { get; init; }

    /// <summary>Parameters whose values are JSON; <see cref="Params"/> has their names, without a value. Null for
    /// none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ParamSpec>? TypedParams { get; init; }

    /// <summary>Other DAGs whose latest run must have succeeded before a run starts; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DagRequirement>? Requires { get; init; }

    /// <summary>Its groups of tasks, each before those in it; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TaskGroup>? Groups { get; init; }

    /// <summary>The first 12 hex digits of the SHA-256 of the canonical JSON.</summary>
    public string Version() =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, CanonicalJson.Options)))[
            ..12
        ];
}

/// <summary>One task of a DAG.</summary>
/// <param name="TaskId">Letters, digits, <c>_</c> and <c>-</c>, behind the names of its groups and a dot each; unique in
/// the DAG, at most 250 characters.</param>
/// <param name="Kind"><c>container</c> or <c>noop</c>.</param>
/// <param name="Needs">The tasks before it.</param>
/// <param name="Rule">When it may run, judged over <paramref name="Needs"/>.</param>
/// <param name="Image">Image of its container; empty for noop.</param>
/// <param name="Command">Argument vector; a <c>run:</c> line becomes <c>sh -ec LINE</c>, with standard error joined to
/// standard output unless <c>stderr: separate</c>.</param>
/// <param name="Env">Environment; values are Liquid templates, rendered when the task is queued. Each at most 128 KiB
/// with its name, and 1.9 MiB with the command.</param>
/// <param name="Retries">Further attempts after the first; 0 to 100.</param>
/// <param name="RetryDelay">Wait before each of them; 0 s to 7 days.</param>
/// <param name="Timeout">How long an attempt may run; 1 s to 7 days.</param>
/// <param name="MemoryMiB">Hard memory limit, 6 to 1048576 MiB.</param>
/// <param name="Cpus">Hard CPU limit, 0.01 to 512 cores.</param>
/// <param name="Queue">The executor queue that runs it: 1 to 60 of a-z, 0-9 and <c>-</c>, not beginning with
/// <c>engine-</c>.</param>
public sealed record TaskSpec(
    string TaskId,
    string Kind,
    IReadOnlyList<string> Needs,
    TriggerRule Rule,
    string Image,
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string> Env,
    int Retries,
    TimeSpan RetryDelay,
    TimeSpan Timeout,
    int MemoryMiB,
    double Cpus,
    string Queue
)
{
    /// <summary>A task that says nothing of itself, and has no name.</summary>
    public static TaskSpec BuiltIn { get; } =
        new(
            "",
            "container",
            [],
            TriggerRule.AllSuccess,
            "localhost/nightshift/toolbox",
            [],
            new Dictionary<string, string>(),
            Retries: 0,
            RetryDelay: TimeSpan.FromSeconds(30),
            Timeout: TimeSpan.FromHours(1),
            MemoryMiB: 512,
            Cpus: 1,
            Queue: "default"
        );

    /// <summary>The longest that an attempt may run, and that a task may wait before another.</summary>
    public static readonly TimeSpan LongestDuration = TimeSpan.FromDays(7);

    /// <summary>The longest wait that backoff makes, as in Airflow.</summary>
    public static readonly TimeSpan LongestRetryDelay = TimeSpan.FromDays(1);

    /// <summary>Size of <c>/tmp</c>, 6 MiB to the memory limit, which it counts against; null for half of it.</summary>
    public int? TmpMiB { get; init; }

    /// <summary>
    /// A <c>run:</c> line keeps standard error apart: its log can be filtered, but has lost the order.
    /// </summary>
    public bool SeparateStderr { get; init; }

    /// <summary>What it is to the tasks around it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TaskRole Role { get; init; }

    /// <summary>A teardown whose failure fails the run, which others do not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OnFailureFailDagRun { get; init; }

    /// <summary>What <see cref="RetryDelay"/> is multiplied by after each failure, with Airflow's jitter: 1 to 100;
    /// 0 for the same delay each time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double RetryExponentialBackoff { get; init; }

    /// <summary>The longest wait that grows by <see cref="RetryExponentialBackoff"/>; null for a day.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? MaxRetryDelay { get; init; }

    /// <summary>Exit codes, 1 to 255, after which it has failed although retries are left; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? NoRetryOnExitCode { get; init; }

    /// <summary>Exit codes, 1 to 255, that mean it is skipped; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? SkipOnExitCode { get; init; }

    /// <summary>A Liquid condition, as it stands inside <c>{% if … %}</c>: the task is skipped unless it holds. Null
    /// for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RunIf { get; init; }

    /// <summary>A Liquid condition: the task is skipped when it holds. Null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SkipIf { get; init; }

    /// <summary>The output that names the tasks to go on with; the other tasks that need this one are skipped. Null
    /// when it does not branch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Branch { get; init; }

    /// <summary>The outputs that it declares, by name: each must be there when it succeeds, and fit. Null for none; it
    /// may hand on others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, OutputSpec>? Outputs { get; init; }

    /// <summary>It waits until the same task of the previous run has succeeded or was skipped.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool DependsOnPast { get; init; }

    /// <summary>It also waits for the tasks that need it in the previous run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WaitForDownstream { get; init; }

    /// <summary>True when the previous run decides when it may start.</summary>
    [JsonIgnore]
    public bool WaitsForPast => DependsOnPast || WaitForDownstream;

    /// <summary>The output that says whether to go on; null when it does not short-circuit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ShortCircuit? ShortCircuit { get; init; }

    /// <summary>The pool whose slots it takes while it is queued or running; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Pool { get; init; }

    /// <summary>How many slots it takes, 1 to 1000000; null for 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PoolSlots { get; init; }

    /// <summary>Its own weight, -1000000 to 1000000; null for 1. <see cref="WeightRule"/> makes its priority of
    /// it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PriorityWeight { get; init; }

    /// <summary>Which other tasks' weights its priority includes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public WeightRule WeightRule { get; init; }

    /// <summary>Instances of it, in all runs of its DAG, that may be queued or running at a time, 1 to 1000000; null
    /// for any number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxActiveTisPerDag { get; init; }

    /// <summary>The same in one run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxActiveTisPerDagrun { get; init; }

    /// <summary>What it is mapped over: it has an instance for each item, or combination of items. Null for a task that
    /// is not mapped.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MapSource>? ForEach { get; init; }

    /// <summary>Instances that it may be mapped to, 1 to 10000; null for <see cref="MapSource.DefaultMaxMapLength"/>.
    /// Beyond them it fails.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxMapLength { get; init; }

    /// <summary>A Liquid template that names an instance for people; null for its index alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MapIndexTemplate { get; init; }
}

/// <summary>Which weights the priority of a task is the sum of. Names and meaning are Airflow's.</summary>
public enum WeightRule
{
    /// <summary>Its own, and those of all tasks behind it.</summary>
    Downstream,

    /// <summary>Its own, and those of all tasks before it.</summary>
    Upstream,

    /// <summary>Its own alone.</summary>
    Absolute,
}

/// <summary>What a task is to the tasks around it. Names and meaning are Airflow's.</summary>
public enum TaskRole
{
    /// <summary>A task like any other.</summary>
    Work,

    /// <summary>It prepares what the tasks behind it use: none of them runs unless it succeeded.</summary>
    Setup,

    /// <summary>It removes what its setups made: it runs when at least one of them succeeded, however the work
    /// ended.</summary>
    Teardown,
}

/// <summary>Ends a path of a run without failing it.</summary>
/// <param name="Output">The output whose value decides: empty, <c>false</c>, <c>0</c>, <c>null</c>, <c>[]</c> or
/// <c>{}</c> skips.</param>
/// <param name="IgnoreDownstreamTriggerRules">True to skip every task behind it but teardowns; false to skip the tasks
/// that need it and leave those behind them to their trigger rules.</param>
public sealed record ShortCircuit(string Output, bool IgnoreDownstreamTriggerRules);

/// <summary>When a task may run, by the ends of the tasks it needs. Names and meaning are Airflow's.</summary>
public enum TriggerRule
{
    AllSuccess,
    AllFailed,
    AllDone,
    AllDoneMinOneSuccess,
    AllDoneSetupSuccess,
    AllSkipped,
    OneSuccess,
    OneFailed,
    OneDone,
    NoneFailed,
    NoneFailedMinOneSuccess,
    NoneSkipped,
    Always,
}
