using Microsoft.Extensions.Logging;

namespace Nightshift.Plumbing;

static partial class PlumbingLog
{
    [LoggerMessage(1, LogLevel.Error, "Deciding on {Stream} failed after {Decisions} decisions")]
    public static partial void DecisionFailed(ILogger log, Exception cause, string stream, int decisions);

    [LoggerMessage(2, LogLevel.Warning, "Timers cannot be read; trying again shortly")]
    public static partial void TimersUnavailable(ILogger log, Exception cause);

    [LoggerMessage(3, LogLevel.Warning, "Timer {Purpose} of {Stream} was refused: {Why}")]
    public static partial void TimerRejected(ILogger log, string stream, string purpose, string why);

    [LoggerMessage(4, LogLevel.Error, "Timer {Purpose} of {Stream} failed; it comes again when its lease ends")]
    public static partial void TimerFailed(ILogger log, Exception cause, string stream, string purpose);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "Publishing {EventType} of {Stream} right after commit failed; the relay catches up in order"
    )]
    public static partial void FastPathShut(ILogger log, Exception cause, string eventType, string? stream);

    [LoggerMessage(
        6,
        LogLevel.Error,
        "{EventType} ({Stream} version {Version}) can never be told; it is set aside as a dead letter"
    )]
    public static partial void NeverTold(ILogger log, Exception cause, string eventType, string? stream, long version);

    [LoggerMessage(7, LogLevel.Warning, "The broker did not confirm event {Sequence}; trying again")]
    public static partial void BrokerUnavailable(ILogger log, Exception cause, long sequence);

    [LoggerMessage(8, LogLevel.Error, "Request {Method} {Path} failed")]
    public static partial void RequestFailed(ILogger log, Exception cause, string method, string path);

    [LoggerMessage(9, LogLevel.Warning, "Refused {Method} {Path} from {Remote}: no valid gateway key")]
    public static partial void NotThroughGateway(ILogger log, string method, string path, string? remote);

    [LoggerMessage(
        10,
        LogLevel.Error,
        "{MessageType} from {Queue} could not be handled and lies in {ErrorQueue}: {Why}"
    )]
    public static partial void MessageGivenUp(
        ILogger log,
        Exception cause,
        string messageType,
        string queue,
        string errorQueue,
        string why
    );

    [LoggerMessage(11, LogLevel.Warning, "{Dependency} did not answer, so {Method} {Path} was answered with 503")]
    public static partial void DependencyAway(
        ILogger log,
        Exception cause,
        string dependency,
        string method,
        string path
    );

    [LoggerMessage(20, LogLevel.Warning, "Waiting for {Server}: {Why}")]
    public static partial void WaitingForServer(ILogger log, string server, string why);

    [LoggerMessage(21, LogLevel.Warning, "Timer {Purpose} of {Stream} waits: {Why}")]
    public static partial void TimerPostponed(ILogger log, string stream, string purpose, string why);

    [LoggerMessage(
        20,
        LogLevel.Warning,
        "The snapshot of {Stream} at version {Version} cannot be used; its events are read instead"
    )]
    public static partial void SnapshotFailed(ILogger log, Exception cause, string stream, long version);

    [LoggerMessage(21, LogLevel.Information, "Removed {Count} {Kind} that ended before {Before}")]
    public static partial void Removed(ILogger log, long count, string kind, DateTimeOffset before);

    [LoggerMessage(
        22,
        LogLevel.Warning,
        "No {Kind} are removed: events as old as the period they are kept for have not been published yet"
    )]
    public static partial void RetentionWaits(ILogger log, string kind);

    [LoggerMessage(23, LogLevel.Error, "Removing old {Kind} failed; the next sweep goes on from there")]
    public static partial void RetentionFailed(ILogger log, Exception cause, string kind);
}
