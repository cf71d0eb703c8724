using System.Text.Json;
using Marten;
using Microsoft.AspNetCore.Http.HttpResults;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Requirements;
using Nightshift.Scheduler.Runs;
using Nightshift.Scheduler.Schedules;

namespace Nightshift.Scheduler.Dags;

/// <summary><c>/api/v2/dags</c> and <c>/api/v2/importErrors</c>, in Airflow's shapes.</summary>
static class DagEndpoints
{
    public static void MapDags(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v2").RequireRole(Role.Viewer).AnswerInSnakeCase();
        api.MapGet("/dags/{dagId}", Get);
        api.MapGet("/dags/{dagId}/details", Get);
        api.MapGet("/dags/{dagId}/tasks", ListTasks);
        api.MapGet("/dags/{dagId}/tasks/{taskId}", GetTask);
        api.MapGet("/importErrors", ListImportErrors);
        api.MapDelete("/dags/{dagId}", Delete).RequireRole(Role.Admin);
    }

    internal static async Task<DagDetails> Get(
        string dagId,
        IDocumentStore store,
        DagFolder folder,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        var id = Dag.Stream.Prefix + dagId;
        return await session.LoadAsync<DagRow>(id, cancellationToken) is { Live: true } row
            ? DagDetails.Of(row, await session.LoadAsync<TickCursor>(id, cancellationToken), folder)
            : throw UnknownDag.Named(dagId);
    }

    static async Task<TaskCollection> ListTasks(
        string dagId,
        IDocumentStore store,
        DagFolder folder,
        CancellationToken cancellationToken
    )
    {
        var tasks = (await Get(dagId, store, folder, cancellationToken)).Tasks;
        return new(tasks, tasks.Count);
    }

    static async Task<TaskBody> GetTask(
        string dagId,
        string taskId,
        IDocumentStore store,
        DagFolder folder,
        CancellationToken cancellationToken
    ) =>
        (await Get(dagId, store, folder, cancellationToken)).Tasks.FirstOrDefault(x => x.TaskId == taskId)
        ?? throw new RejectedException("unknown_task", $"DAG '{dagId}' has no task '{taskId}'");

    static async Task<NoContent> Delete(
        string dagId,
        DagDeletion deletion,
        HttpContext http,
        CancellationToken cancellationToken
    )
    {
        await deletion.Delete(dagId, http.User.CallerName(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<ImportErrorCollection> ListImportErrors(
        IDocumentStore store,
        DagFolder folder,
        RequiredDags required,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        var problems = await session.Query<TickCursor>().Where(x => x.Problem != null).ToListAsync(cancellationToken);
        var rows = await session.LoadManyAsync<DagRow>(cancellationToken, problems.Select(x => x.Id).ToArray());
        var errors = rows.Where(x => x is { Live: true, Spec.Schedule: not null })
            .Join(problems, row => row.Id, cursor => cursor.Id, ImportErrorBody.Of)
            .Concat(folder.Errors.Select(ImportErrorBody.Of))
            .Concat((await required.Missing(cancellationToken)).Select(ImportErrorBody.Of))
            .OrderBy(x => x.Filename, StringComparer.Ordinal)
            .ToList();
        return new(errors, errors.Count);
    }
}

/// <summary>
/// A DAG as lists show it. Times are UTC. <paramref name="Timezone"/>: null when no zone has a say in the schedule.
/// <paramref name="HasImportErrors"/>: its file has a mistake now, and this is the last good version.
/// <paramref name="ScheduleProblem"/>: why its last tick became no run, or why its schedule stands still; null when all
/// is well.
/// </summary>
record DagBody(
    string DagId,
    string DagDisplayName,
    bool IsPaused,
    string FileLoc,
    string? TimetableSummary,
    string? Timezone,
    DateTimeOffset? NextDagrunRunAfter,
    DateTimeOffset LastParsedTime,
    string Version,
    bool HasImportErrors,
    string? ScheduleProblem
)
{
    public static DagBody Of(DagRow x, TickCursor? cursor, DagFolder folder) =>
        new(
            x.Spec.DagId,
            x.Spec.DagId,
            x.IsPaused,
            x.File,
            x.Spec.Schedule is { } schedule ? schedule.Summary() : null,
            x.Spec.Schedule is { HasTimezone: true } zoned ? zoned.Timezone : null,
            x.Spec.Schedule is { } due && cursor is not null ? TickDecider.DueAt(due, cursor) : null,
            x.At,
            x.Version,
            folder.HasImportError(x.File),
            x.Spec.Schedule is null ? null : cursor?.Problem
        );
}

/// <summary>A DAG with its parameters, and with its tasks, which Airflow answers apart.</summary>
sealed record DagDetails : DagBody
{
    DagDetails(DagBody dag)
        : base(dag) { }

    public required bool Catchup { get; init; }

    /// <summary>Null for any number.</summary>
    public required int? MaxActiveTasks { get; init; }
    public required IReadOnlyDictionary<string, ParamBody> Params { get; init; }
    public required IReadOnlyList<TaskBody> Tasks { get; init; }

    /// <summary>DAGs whose latest run must have succeeded before a run starts; ours, not Airflow's.</summary>
    public required IReadOnlyList<RequirementBody> Requires { get; init; }

    /// <summary>The groups of its tasks, each before those in it; ours, not Airflow's.</summary>
    public required IReadOnlyList<TaskGroupBody> TaskGroups { get; init; }

    public static new DagDetails Of(DagRow x, TickCursor? cursor, DagFolder folder) =>
        new(DagBody.Of(x, cursor, folder))
        {
            Catchup = x.Spec.Schedule?.Catchup ?? false,
            MaxActiveTasks = x.Spec.MaxActiveTasks,
            Params = x.Spec.Params.ToDictionary(p => p.Key, p => ParamBody.Of(x.Spec, p.Key, p.Value)),
            Tasks = [.. x.Spec.Tasks.Select(TaskBody.Of)],
            Requires = [.. (x.Spec.Requires ?? []).Select(y => new RequirementBody(y.DagId, y.Within?.TotalSeconds))],
            TaskGroups = [.. (x.Spec.Groups ?? []).Select(y => new TaskGroupBody(y.GroupId, y.Tooltip))],
        };
}

/// <summary>
/// A parameter, as Airflow shows it. <paramref name="Value"/> is its default, which may be a template;
/// <paramref name="Schema"/> has nothing when any text is taken; <paramref name="Required"/>: it has no default.
/// </summary>
sealed record ParamBody(JsonElement? Value, JsonElement Schema, string? Description, bool Required)
{
    static readonly JsonElement Anything = JsonSerializer.SerializeToElement(new Dictionary<string, string>());

    public static ParamBody Of(DagSpec dag, string name, string? text) =>
        dag.TypedParams?.GetValueOrDefault(name) is { } param
            ? new(param.Default, param.Schema ?? Anything, param.Description, param.Required)
            : new(JsonSerializer.SerializeToElement(text), Anything, Description: null, Required: false);
}

/// <summary>
/// A task of a DAG. Durations in seconds. A task without a pool takes 0 slots of <c>default_pool</c>;
/// <paramref name="PriorityWeight"/> is its own, without what its rule adds; limits are null for any number.
/// </summary>
sealed record TaskBody(
    string TaskId,
    string Kind,
    IReadOnlyList<string> UpstreamTaskIds,
    string TriggerRule,
    string Image,
    IReadOnlyList<string> Command,
    int Retries,
    double RetryDelay,
    double ExecutionTimeout,
    int MemoryMib,
    double Cpus,
    string Queue,
    string Pool,
    int PoolSlots,
    int PriorityWeight,
    string WeightRule,
    int? MaxActiveTisPerDag,
    int? MaxActiveTisPerDagrun
)
{
    /// <summary>True for a task with <c>for_each</c>.</summary>
    public required bool IsMapped { get; init; }

    public static TaskBody Of(TaskSpec x) =>
        new(
            x.TaskId,
            x.Kind,
            x.Needs,
            TriggerRuleNames.Of(x.Rule),
            x.Image,
            x.Command,
            x.Retries,
            x.RetryDelay.TotalSeconds,
            x.Timeout.TotalSeconds,
            x.MemoryMiB,
            x.Cpus,
            x.Queue,
            x.Pool ?? PoolName.Default,
            x.Pool is null ? 0 : x.PoolSlots ?? 1,
            x.PriorityWeight ?? PriorityWeights.Default,
            WeightRuleNames.Of(x.WeightRule),
            x.MaxActiveTisPerDag,
            x.MaxActiveTisPerDagrun
        )
        {
            IsMapped = x.ForEach is not null,
        };
}

/// <summary>A DAG that another requires. <paramref name="Within"/>: seconds since its run may have ended; null for any
/// time.</summary>
sealed record RequirementBody(string DagId, double? Within);

/// <summary>A group of tasks. <paramref name="Tooltip"/>: what it is for; null when the file does not say.</summary>
sealed record TaskGroupBody(string TaskGroupId, string? Tooltip);

sealed record TaskCollection(IReadOnlyList<TaskBody> Tasks, int TotalEntries);

sealed record DagCollection(IReadOnlyList<DagBody> Dags, int TotalEntries);

/// <summary>
/// A file that is no DAG, or whose DAG has a schedule with a problem. <paramref name="StackTrace"/> is Airflow's name
/// for the text.
/// </summary>
sealed record ImportErrorBody(
    string Filename,
    DateTimeOffset Timestamp,
    string StackTrace,
    IReadOnlyList<DagMistake> Mistakes
)
{
    public static ImportErrorBody Of(ImportError x) =>
        new(x.File, x.At, string.Join('\n', x.Mistakes.Select(y => $"{x.File} line {y.Line}: {y.Text}")), x.Mistakes);

    public static ImportErrorBody Of(DagRow row, TickCursor cursor) =>
        Of(
            new ImportError(
                row.File,
                [new(1, $"The schedule of DAG '{row.Spec.DagId}' starts no runs: {cursor.Problem}")],
                cursor.SettledTick ?? row.At
            )
        );
}

sealed record ImportErrorCollection(IReadOnlyList<ImportErrorBody> ImportErrors, int TotalEntries);
