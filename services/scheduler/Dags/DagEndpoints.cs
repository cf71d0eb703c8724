using Marten;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary><c>/api/v2/dags</c> and <c>/api/v2/importErrors</c>, in Airflow's shapes.</summary>
static class DagEndpoints
{
    public static void MapDags(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v2").RequireRole(Role.Viewer).AnswerInSnakeCase();
        api.MapGet("/dags", List);
        api.MapGet("/dags/{dagId}", Get);
        api.MapGet(
            "/importErrors",
            (DagFolder folder) =>
                folder.Errors.OrderBy(x => x.File).ToList() is var errors
                    ? new ImportErrorCollection([.. errors.Select(ImportErrorBody.Of)], errors.Count)
                    : null
        );
    }

    static async Task<DagCollection> List(IDocumentStore store, DagFolder folder, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var rows = await session.Query<DagRow>().Where(x => x.Live).OrderBy(x => x.Id).ToListAsync(cancellationToken);
        return new([.. rows.Select(x => DagBody.Of(x, folder))], rows.Count);
    }

    static async Task<DagDetails> Get(
        string dagId,
        IDocumentStore store,
        DagFolder folder,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        var row = await session.Query<DagRow>().FirstOrDefaultAsync(x => x.Spec.DagId == dagId, cancellationToken);
        return row is { Live: true }
            ? DagDetails.Of(row, folder)
            : throw new RejectedException(
                "unknown_dag",
                $"There is no DAG '{dagId}'; 'nightshift dags list' shows those there are"
            );
    }
}

/// <summary>
/// A DAG as lists show it. Times are UTC. <paramref name="HasImportErrors"/>: its file has a mistake now, and this is
/// the last good version.
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
    bool HasImportErrors
)
{
    public static DagBody Of(DagRow x, DagFolder folder) =>
        new(
            x.Spec.DagId,
            x.Spec.DagId,
            IsPaused: false,
            x.File,
            x.Spec.Schedule is { } s ? s.Cron ?? $"every {Durations.Write(s.Every!.Value)}" : null,
            x.Spec.Schedule?.Timezone,
            x.NextTick,
            x.At,
            x.Version,
            folder.HasImportError(x.File)
        );
}

/// <summary>A DAG with its parameters, and with its tasks, which Airflow answers apart.</summary>
sealed record DagDetails : DagBody
{
    DagDetails(DagBody dag)
        : base(dag) { }

    public required bool Catchup { get; init; }
    public required IReadOnlyDictionary<string, string> Params { get; init; }
    public required IReadOnlyList<TaskBody> Tasks { get; init; }

    public static new DagDetails Of(DagRow x, DagFolder folder) =>
        new(DagBody.Of(x, folder))
        {
            Catchup = x.Spec.Schedule?.Catchup ?? false,
            Params = x.Spec.Params,
            Tasks = [.. x.Spec.Tasks.Select(TaskBody.Of)],
        };
}

/// <summary>A task of a DAG. Durations in seconds.</summary>
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
    string Queue
)
{
    public static TaskBody Of(TaskSpec x) =>
        new(
            x.TaskId,
            x.Kind,
            x.Needs,
            TriggerRules.NameOf(x.Rule),
            x.Image,
            x.Command,
            x.Retries,
            x.RetryDelay.TotalSeconds,
            x.Timeout.TotalSeconds,
            x.MemoryMiB,
            x.Cpus,
            x.Queue
        );
}

sealed record DagCollection(IReadOnlyList<DagBody> Dags, int TotalEntries);

/// <summary>A file that is no DAG. <paramref name="StackTrace"/> is Airflow's name for the text.</summary>
sealed record ImportErrorBody(
    string Filename,
    DateTimeOffset Timestamp,
    string StackTrace,
    IReadOnlyList<DagMistake> Mistakes
)
{
    public static ImportErrorBody Of(ImportError x) =>
        new(x.File, x.At, string.Join('\n', x.Mistakes.Select(y => $"{x.File} line {y.Line}: {y.Text}")), x.Mistakes);
}

sealed record ImportErrorCollection(IReadOnlyList<ImportErrorBody> ImportErrors, int TotalEntries);
