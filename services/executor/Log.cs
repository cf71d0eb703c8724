using Nightshift.Executor.Watch;

namespace Nightshift.Executor;

static partial class Log
{
    [LoggerMessage(
        1,
        LogLevel.Information,
        "Engine {Engine} is ready: version {Version}, cgroup v{Cgroup}, AppArmor {AppArmor}"
    )]
    public static partial void EngineReady(ILogger log, string engine, string version, int cgroup, bool appArmor);

    [LoggerMessage(2, LogLevel.Error, "The engine cannot be used: {Problem}")]
    public static partial void EngineUnusable(ILogger log, string problem);

    [LoggerMessage(3, LogLevel.Information, "Attempt ended: {Reason}, exit code {ExitCode} {Detail}")]
    public static partial void AttemptEnded(ILogger log, string reason, int? exitCode, string detail);

    [LoggerMessage(4, LogLevel.Warning, "Attempt {Attempt} was interrupted; it is taken up again shortly")]
    public static partial void AttemptInterrupted(ILogger log, Exception cause, string attempt);

    [LoggerMessage(5, LogLevel.Warning, "Attempts cannot be claimed or taken over; trying again shortly")]
    public static partial void RoundFailed(ILogger log, Exception cause);

    [LoggerMessage(
        6,
        LogLevel.Information,
        "The connection to the container's log was lost, reading on shortly: {Why}"
    )]
    public static partial void LogLost(ILogger log, string why);

    [LoggerMessage(
        7,
        LogLevel.Warning,
        "The container could not be removed and stays until the engine has been away, or the next start"
    )]
    public static partial void ContainerLeft(ILogger log, Exception cause);

    [LoggerMessage(
        8,
        LogLevel.Information,
        "Removed container {Container}: its attempt is over, or not this engine's any more"
    )]
    public static partial void OrphanRemoved(ILogger log, string container);

    [LoggerMessage(
        9,
        LogLevel.Warning,
        "Orphaned containers could not be removed and stay until the engine has been away, or the next start"
    )]
    public static partial void OrphansStay(ILogger log, Exception cause);

    [LoggerMessage(10, LogLevel.Information, "Fetching image {Image}")]
    public static partial void Pulling(ILogger log, string image);

    [LoggerMessage(
        11,
        LogLevel.Information,
        "Watched container {Container} is {Condition} in incarnation {Incarnation}"
    )]
    public static partial void ContainerChanged(ILogger log, string container, Condition condition, int incarnation);

    [LoggerMessage(
        12,
        LogLevel.Warning,
        "Watching containers was interrupted; all of them are inspected again shortly"
    )]
    public static partial void WatchInterrupted(ILogger log, Exception cause);

    [LoggerMessage(13, LogLevel.Information, "Attempt {Attempt} is taken over from executor {Executor}, which is gone")]
    public static partial void AttemptTakenOver(ILogger log, string attempt, string executor);

    [LoggerMessage(14, LogLevel.Warning, "Attempt {Attempt} is taken from engine {Engine}, which no executor serves")]
    public static partial void AttemptFenced(ILogger log, string attempt, string engine);

    [LoggerMessage(15, LogLevel.Warning, "The attempt was taken from this executor; now it is with {Executor}")]
    public static partial void AttemptAbandoned(ILogger log, string executor);

    [LoggerMessage(16, LogLevel.Warning, "PostgreSQL does not tell of ready attempts; listening again shortly")]
    public static partial void ListeningInterrupted(ILogger log, Exception cause);

    [LoggerMessage(17, LogLevel.Information, "The attempt was stopped, as the scheduler asked")]
    public static partial void AttemptStopped(ILogger log);

    [LoggerMessage(18, LogLevel.Warning, "Running attempts could not be reported again; trying in a minute")]
    public static partial void ReportFailed(ILogger log, Exception cause);
}
