using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler;

static partial class Log
{
    [LoggerMessage(101, LogLevel.Information, "DAG {DagId} version {Version} from {File} is live")]
    public static partial void DagPublished(ILogger log, string dagId, string version, string file);

    [LoggerMessage(102, LogLevel.Information, "DAG {DagId} is withdrawn: {File} is gone or defines another DAG")]
    public static partial void DagWithdrawn(ILogger log, string dagId, string file);

    [LoggerMessage(103, LogLevel.Error, "{File} line {Line}: {Mistake}")]
    public static partial void DagMistake(ILogger log, string file, int line, string mistake);

    [LoggerMessage(104, LogLevel.Warning, "The DAGs folder {Folder} could not be read; trying again")]
    public static partial void ScanFailed(ILogger log, Exception cause, string folder);

    [LoggerMessage(105, LogLevel.Warning, "Run {RunId} is not started: DAG {DagId} is not live")]
    public static partial void TriggerIgnored(ILogger log, string runId, string dagId);

    [LoggerMessage(106, LogLevel.Warning, "Run {RunId} of DAG {DagId} is refused: {Why}")]
    public static partial void TriggerRefused(ILogger log, string runId, string dagId, string why);

    [LoggerMessage(107, LogLevel.Warning, "The tick {Tick:u} of DAG {DagId} passes without a run: {Why}")]
    public static partial void TickRefused(ILogger log, DateTimeOffset tick, string dagId, string why);

    [LoggerMessage(
        108,
        LogLevel.Warning,
        "The DAGs folder {Folder} cannot be watched; it is read again every {Seconds} s instead. fs.inotify.max_user_instances may be too low"
    )]
    public static partial void NotWatched(ILogger log, Exception cause, string folder, double seconds);

    [LoggerMessage(109, LogLevel.Information, "Run {RunId} is queued")]
    public static partial void RunQueued(ILogger log, string runId);

    [LoggerMessage(110, LogLevel.Information, "Run {RunId} has ended: {Outcome}")]
    public static partial void RunFinished(ILogger log, string runId, RunOutcome outcome);

    [LoggerMessage(111, LogLevel.Error, "The schedule of DAG {DagId} stands still: {Why}")]
    public static partial void ScheduleStandsStill(ILogger log, string dagId, string why);

    [LoggerMessage(112, LogLevel.Error, "The DAG of {File} cannot be stored; the other files are read")]
    public static partial void DagNotStored(ILogger log, Exception cause, string file);

    [LoggerMessage(140, LogLevel.Warning, "Granting slots is interrupted; trying again")]
    public static partial void GrantingInterrupted(ILogger log, Exception cause);

    [LoggerMessage(
        141,
        LogLevel.Error,
        "Task {TaskId} of run {RunId} has its slots and could not be queued; trying again"
    )]
    public static partial void GrantedNotQueued(ILogger log, Exception cause, string taskId, string runId);
}
