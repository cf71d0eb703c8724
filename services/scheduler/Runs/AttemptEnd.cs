namespace Nightshift.Scheduler.Runs;

/// <summary>What the end of an attempt is for its task: success, another try, a skip, or failure.</summary>
static class AttemptEnd
{
    const string Exit = "exit",
        Branch = "branch",
        Output = "output";

    /// <summary>The event that settles the attempt.</summary>
    /// <param name="run">The run.</param>
    /// <param name="report">How the attempt ended.</param>
    /// <param name="outputs">Outputs beside the run's stream, among them those of the attempt.</param>
    public static RunEvent Of(Run run, ReportAttempt report, OutputValues outputs)
    {
        if (!report.Succeeded)
            return Of(run, report);
        string? Find(string name) => outputs.Find(report.Outputs, report.StoredOutputs, name);
        var declared = DeclaredOutputs.Of(run.Plan[report.Task], Find);
        if (declared.Mistake is { } mistake)
            return Failed(run, Unusable(report, Output, mistake));
        if (DownstreamSkips.MistakeIn(run.Plan, run.Plan[report.Task], Find) is { } undecided)
            return Failed(run, Unusable(report, Branch, undecided));
        return new TaskSucceeded(report.Task, report.Attempt, report.MemoryMiB, report.Outputs, report.At)
        {
            StoredOutputs = report.StoredOutputs,
            JsonOutputs = declared.Json,
        };
    }

    static ReportAttempt Unusable(ReportAttempt report, string reason, string mistake) =>
        report with
        {
            Reason = reason,
            Detail = mistake,
            ExitCode = null,
        };

    static RunEvent Of(Run run, ReportAttempt report)
    {
        var (spec, task) = (run.Plan[report.Task], run.Tasks[report.Task]);
        return report switch
        {
            { Infrastructure: true } => Faulted(task, report),
            _ when IsExit(report, spec.SkipOnExitCode) => new TaskSkipped(report.Task, report.At)
            {
                Reason = SkipReason.ExitCode,
            },
            _ => Failed(run, report),
        };
    }

    // No fault of the task, so none of its tries.
    static RunEvent Faulted(TaskInstance task, ReportAttempt report) =>
        task.Requeued < RunDecider.MostRequeues
            ? new TaskRequeued(
                report.Task,
                report.Attempt,
                report.Reason,
                report.Detail,
                report.MemoryMiB,
                report.At + RunDecider.FirstRequeueDelay * Math.Pow(2, task.Requeued),
                report.At
            )
            : new TaskFailed(
                report.Task,
                report.Attempt,
                report.Reason,
                $"{report.Detail} (given up after {RunDecider.MostRequeues} more attempts that ended through no fault "
                    + "of the task)",
                report.MemoryMiB,
                report.At
            );

    static RunEvent Failed(Run run, ReportAttempt report)
    {
        var (spec, task, queued) = (run.Plan[report.Task], run.Tasks[report.Task], run.Queued!);
        var (name, attempt, reason, detail) = (report.Task, report.Attempt, report.Reason, report.Detail);
        var tries = attempt - task.ClearedAt - task.Requeued;
        return tries <= spec.Retries && !IsExit(report, spec.NoRetryOnExitCode)
            ? new TaskUpForRetry(
                name,
                attempt,
                reason,
                detail,
                report.MemoryMiB,
                report.At + RetryDelay.Of(spec, queued.DagId, queued.LogicalDate, tries),
                report.At
            )
            : new TaskFailed(name, attempt, reason, detail, report.MemoryMiB, report.At);
    }

    // Of a command that ended by itself: one that was killed has an exit code too.
    static bool IsExit(ReportAttempt report, IReadOnlyList<int>? codes) =>
        report is { Reason: Exit, ExitCode: { } code } && codes?.Contains(code) is true;
}
