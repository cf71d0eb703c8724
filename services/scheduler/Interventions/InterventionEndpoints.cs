using Microsoft.AspNetCore.Mvc;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Mapping;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Interventions;

/// <summary>Cancelling, marking and clearing runs and tasks, in Airflow's shapes where Airflow has one.</summary>
static class InterventionEndpoints
{
    /// <summary>Characters of an idempotency key at most.</summary>
    public const int LongestKey = 200;

    public static void MapInterventions(this IEndpointRouteBuilder app)
    {
        var dag = app.MapGroup("/api/v2/dags/{dagId}").RequireRole(Role.Operator).AnswerInSnakeCase();
        dag.MapPost("/clearTaskInstances", Clear);
        var run = dag.MapGroup("/dagRuns/{runId}");
        run.MapPatch("", PatchRun);
        run.MapPost("/clear", ClearRun);
        run.MapPost("/cancel", CancelRun);
        foreach (var task in TaskInstanceRoute.Paths("/taskInstances/"))
        {
            run.MapPatch(task, PatchTask);
            run.MapPatch($"{task}/dry_run", DryRunPatchTask);
            run.MapPost($"{task}/cancel", CancelTask);
        }
        run.MapPatch("/taskGroupInstances/{groupId}", PatchGroup);
        run.MapPatch("/taskGroupInstances/{groupId}/dry_run", DryRunPatchGroup);
    }

    static async Task<object> CancelRun(string dagId, string runId, CancelRequest? body, [AsParameters] Request request)
    {
        await request.Find(dagId, runId);
        var cancel = new CancelRun(request.Actor(body?.Note));
        return await request.Answer(runId, (x, y) => InterventionDecider.Decide(x, cancel, y), body?.DryRun ?? false);
    }

    static async Task<TaskInstanceCollection> CancelTask(
        string dagId,
        string runId,
        TaskInstanceRoute task,
        CancelRequest? body,
        [AsParameters] Request request
    )
    {
        await request.Find(dagId, runId);
        var cancel = new CancelTasks(new([task.Name]), request.Actor(body?.Note));
        return Intervention.Collect([
            await request.Apply(runId, (x, y) => InterventionDecider.Decide(x, cancel, y), body?.DryRun ?? false),
        ]);
    }

    /// <param name="dagId">The DAG.</param>
    /// <param name="runId">The run.</param>
    /// <param name="body">What to change.</param>
    /// <param name="updateMask">The fields that count: <c>state</c>, <c>note</c>; absent for all that are given.</param>
    /// <param name="request">The rest.</param>
    static async Task<object> PatchRun(
        string dagId,
        string runId,
        RunPatch body,
        [FromQuery(Name = "update_mask")] string[] updateMask,
        [AsParameters] Request request
    )
    {
        await request.Find(dagId, runId);
        return await request.Answer(runId, Change(body, updateMask, request), body.DryRun);
    }

    /// <summary>What a patch of a run does to it.</summary>
    /// <exception cref="RejectedException"><c>invalid_update_mask</c>, <c>invalid_body</c>, <c>invalid_state</c>,
    /// <c>invalid_note</c></exception>
    internal static Func<Run, OutputValues, IReadOnlyList<RunEvent>> Change(
        RunPatch body,
        string[] updateMask,
        Request request
    )
    {
        var mask = new UpdateMask(updateMask, "state", "note");
        var (state, note) = (mask.Of("state", body.State), RunNote.Check(mask.Of("note", body.Note)));
        if (state is null && note is null)
            throw new RejectedException("invalid_body", "There is nothing to change; give 'state' or 'note'");
        var actor = request.Actor(note);
        MarkRun? mark = state is null ? null : new(OutcomeOf(state), actor);
        return (x, y) =>
            (mark is null ? [] : InterventionDecider.Decide(x, mark, y)) is { Count: > 0 } marked ? marked
            : note is null ? []
            : InterventionDecider.Decide(x, new NoteRun(note, actor));
    }

    static async Task<object> ClearRun(
        string dagId,
        string runId,
        ClearRunRequest? body,
        [FromHeader(Name = "Idempotency-Key")] string? key,
        [AsParameters] Request request
    )
    {
        body ??= new();
        var run = await request.Find(dagId, runId);
        if (!body.DryRun)
            request.Disk.RequireRoom();
        var clear = new ClearTasks(new(null) { OnlyFailed = body.OnlyFailed }, Key(key), request.Actor(body.Note))
        {
            Latest = body.OnLatest ? await request.Latest(run.Queued!.DagId) : null,
        };
        return await request.Answer(runId, (x, y) => InterventionDecider.Decide(x, clear, y), body.DryRun);
    }

    static async Task<TaskInstanceCollection> Clear(
        string dagId,
        ClearRequest body,
        [FromHeader(Name = "Idempotency-Key")] string? key,
        [AsParameters] Request request
    )
    {
        var (selection, runs) = (body.Selection(), body.Runs());
        if (!body.DryRun)
            request.Disk.RequireRoom();
        if (dagId == "~" && body is { OnLatest: true, DagRunId: { } id })
            dagId = (await request.Find(dagId, id)).Queued!.DagId;
        var clear = new ClearTasks(selection, Key(key), request.Actor(body.Note))
        {
            Latest = body.OnLatest ? await request.Latest(dagId) : null,
        };
        return await Apply(
            dagId,
            runs,
            request,
            body.DryRun,
            (run, isNamed) =>
                (x, y) =>
                    InterventionDecider.Decide(
                        x,
                        isNamed ? clear : clear with { Selection = selection with { SkipsUnknown = true } },
                        y
                    )
        );
    }

    static Task<TaskInstanceCollection> PatchTask(
        string dagId,
        string runId,
        TaskInstanceRoute task,
        TaskPatch body,
        [FromQuery(Name = "update_mask")] string[] updateMask,
        [AsParameters] Request request
    ) => ChangeTasks(dagId, runId, new([task.Name]), body, updateMask, request, dryRun: false);

    static Task<TaskInstanceCollection> DryRunPatchTask(
        string dagId,
        string runId,
        TaskInstanceRoute task,
        TaskPatch body,
        [FromQuery(Name = "update_mask")] string[] updateMask,
        [AsParameters] Request request
    ) => ChangeTasks(dagId, runId, new([task.Name]), body, updateMask, request, dryRun: true);

    static Task<TaskInstanceCollection> PatchGroup(
        string dagId,
        string runId,
        string groupId,
        TaskPatch body,
        [FromQuery(Name = "update_mask")] string[] updateMask,
        [AsParameters] Request request
    ) => ChangeTasks(dagId, runId, new([groupId]) { IsGroup = true }, body, updateMask, request, dryRun: false);

    static Task<TaskInstanceCollection> DryRunPatchGroup(
        string dagId,
        string runId,
        string groupId,
        TaskPatch body,
        [FromQuery(Name = "update_mask")] string[] updateMask,
        [AsParameters] Request request
    ) => ChangeTasks(dagId, runId, new([groupId]) { IsGroup = true }, body, updateMask, request, dryRun: true);

    static async Task<TaskInstanceCollection> ChangeTasks(
        string dagId,
        string runId,
        TaskSelection named,
        TaskPatch body,
        string[] updateMask,
        Request request,
        bool dryRun
    )
    {
        var mask = new UpdateMask(updateMask, "new_state", "note");
        var (state, note) = (mask.Of("new_state", body.NewState), RunNote.Check(mask.Of("note", body.Note)));
        if (state is null && note is null)
            throw new RejectedException("invalid_body", "There is nothing to change; give 'new_state' or 'note'");
        var actor = request.Actor(note);
        var selection = named with { Upstream = body.Upstream, Downstream = body.Downstream };
        var marked = state is null ? (TaskState?)null : StateOf(state);
        return await Apply(
            dagId,
            new(runId) { Past = body.Past, Future = body.Future },
            request,
            dryRun,
            (run, isNamed) =>
                (x, y) => Patch(x, y, selection with { SkipsUnknown = !isNamed }, marked, isNamed ? note : null, actor)
        );
    }

    static IReadOnlyList<RunEvent> Patch(
        Run run,
        OutputValues outputs,
        TaskSelection selection,
        TaskState? state,
        string? note,
        Actor actor
    )
    {
        if (
            state is { } mark
            && InterventionDecider.Decide(run, new MarkTasks(selection, mark, actor), outputs) is { Count: > 0 } marked
        )
            return marked;
        var named = selection with { Upstream = false, Downstream = false };
        return note is null ? [] : InterventionDecider.Decide(run, new NoteTasks(named, note, actor));
    }

    // Run by run, each in a transaction of its own: a request that was broken off is repeated, with its key.
    static async Task<TaskInstanceCollection> Apply(
        string dagId,
        RunSelection selection,
        Request request,
        bool dryRun,
        Func<string, bool, Func<Run, OutputValues, IReadOnlyList<RunEvent>>> decide
    )
    {
        var done = new List<Intervention>();
        foreach (var run in await request.Selected.Find(dagId, selection, request.CancellationToken))
            done.Add(await request.Apply(run, decide(run, run == selection.RunId), dryRun));
        return Intervention.Collect(done);
    }

    static RunOutcome OutcomeOf(string state) =>
        state switch
        {
            "success" => RunOutcome.Succeeded,
            "failed" => RunOutcome.Failed,
            _ => throw new RejectedException(
                "invalid_state",
                $"'state' is '{state}'; give success or failed. POST …/clear runs tasks again."
            ),
        };

    static TaskState StateOf(string state) =>
        state switch
        {
            "success" => TaskState.Success,
            "failed" => TaskState.Failed,
            "skipped" => TaskState.Skipped,
            _ => throw new RejectedException(
                "invalid_new_state",
                $"'new_state' is '{state}'; give success, failed or skipped. POST …/clearTaskInstances runs it again."
            ),
        };

    static string? Key(string? key) =>
        key is { Length: > LongestKey }
            ? throw new RejectedException(
                "invalid_idempotency_key",
                $"'Idempotency-Key' has {key.Length} characters; give at most {LongestKey}"
            )
            : key;

    /// <summary>What every endpoint here needs.</summary>
    internal sealed record Request(
        HttpContext Http,
        StreamStore<Run> Runs,
        InterventionStore Interventions,
        SelectedRuns Selected,
        DagCatalog Catalog,
        DiskSpace Disk,
        TimeProvider Clock,
        CancellationToken CancellationToken
    )
    {
        public Actor Actor(string? note) => new(Http.User.CallerName(), RunNote.Check(note), Clock.GetUtcNow());

        public Task<Run> Find(string dagId, string runId) => RunEndpoints.Find(dagId, runId, Runs, CancellationToken);

        public async Task<LatestVersion> Latest(string dagId) =>
            await Catalog.Find(dagId, CancellationToken) is { Live: true, Spec: { } spec, Version: { } version }
                ? new(spec, version)
                : throw UnknownDag.Named(dagId);

        public Task<Intervention> Apply(
            string runId,
            Func<Run, OutputValues, IReadOnlyList<RunEvent>> decide,
            bool dryRun
        ) => Interventions.Apply(runId, decide, dryRun, CancellationToken);

        // As in Airflow: the run, or the tasks that would be concerned.
        public async Task<object> Answer(
            string runId,
            Func<Run, OutputValues, IReadOnlyList<RunEvent>> decide,
            bool dryRun
        )
        {
            var done = await Apply(runId, decide, dryRun);
            return dryRun ? Intervention.Collect([done]) : RunBody.Of(done.Run);
        }
    }
}
