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
        "Publishing {EventType} of {Stream} right after the commit failed; the relay publishes it"
    )]
    public static partial void FastPathDisabled(ILogger log, Exception cause, string eventType, string? stream);

    [LoggerMessage(
        6,
        LogLevel.Error,
        "{What} (event {Sequence}) can never be published; 'nightshift messages list --given-up' shows it"
    )]
    public static partial void Unpublishable(ILogger log, Exception cause, string what, long sequence);

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

    [LoggerMessage(31, LogLevel.Warning, "The relay has no connection to the database; trying again shortly")]
    public static partial void RelayUnavailable(ILogger log, Exception cause);

    [LoggerMessage(32, LogLevel.Debug, "A notice to the other instances was lost; they publish some events again")]
    public static partial void NoticeLost(ILogger log, Exception cause);

    [LoggerMessage(
        33,
        LogLevel.Warning,
        "PostgreSQL applies {Setting} = {Applied} to our sessions instead of {Wanted}. "
            + "A pooler in between may drop it; set it for the database's user"
    )]
    public static partial void SessionLimitNotApplied(ILogger log, string setting, string? applied, string wanted);

    [LoggerMessage(34, LogLevel.Information, "{What} {Count} given-up messages for {Caller}")]
    public static partial void GivenUpHandled(ILogger log, string what, int count, string caller);

    [LoggerMessage(35, LogLevel.Warning, "Not ready: {Problem}")]
    public static partial void NotConsuming(ILogger log, string problem);

    [LoggerMessage(
        36,
        LogLevel.Warning,
        "Connecting {Queue} again: the bus says {Status}, the broker counts {Consumers} consumers"
    )]
    public static partial void Reconnecting(ILogger log, string queue, object status, int? consumers);

    [LoggerMessage(37, LogLevel.Warning, "Connecting {Address} again failed; trying once more shortly")]
    public static partial void ReconnectFailed(ILogger log, Exception cause, Uri address);

    [LoggerMessage(
        38,
        LogLevel.Critical,
        "{Queue} has been without a consumer of this process for {Seconds} s although RabbitMQ answers. "
            + "Ending, so that the supervisor starts a new process"
    )]
    public static partial void CannotConsume(ILogger log, string queue, double seconds);

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

    [LoggerMessage(
        26,
        LogLevel.Warning,
        "Discarding {Id}, a {Type} of {Source} that was given up at {At} and not retried since: {Reason}"
    )]
    public static partial void GivenUpRemoved(
        ILogger log,
        string id,
        string type,
        string source,
        DateTimeOffset? at,
        string reason
    );

    [LoggerMessage(24, LogLevel.Information, "Dropped {Table}: the rows of the week from {Week}")]
    public static partial void WeekDropped(ILogger log, string table, DateTimeOffset week);

    [LoggerMessage(
        25,
        LogLevel.Warning,
        "The partitions of {Table} for the coming weeks could not be created; trying again tomorrow"
    )]
    public static partial void PartitionsNotCreated(ILogger log, Exception cause, string table);

    [LoggerMessage(23, LogLevel.Error, "Removing old {Kind} failed; the next sweep goes on from there")]
    public static partial void RetentionFailed(ILogger log, Exception cause, string kind);
}
