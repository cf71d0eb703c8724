namespace Nightshift.Healer;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Target}: {Summary} ({Subject}, turn {Turn})")]
    public static partial void Seen(ILogger log, string target, string subject, int turn, string summary);

    [LoggerMessage(2, LogLevel.Information, "{Target}: action {Action} for {Subject}: {What}")]
    public static partial void Started(ILogger log, string target, string subject, int action, string what);

    [LoggerMessage(3, LogLevel.Warning, "{Target}: action {Action} for {Subject} failed: {Why}")]
    public static partial void ActionFailed(ILogger log, string target, string subject, int action, string why);

    [LoggerMessage(4, LogLevel.Information, "{Target}: {Summary} ({Subject})")]
    public static partial void Verified(ILogger log, string target, string subject, string summary);

    [LoggerMessage(5, LogLevel.Warning, "{Target}: gave up on {Subject}: {Why}")]
    public static partial void GaveUp(ILogger log, string target, string subject, string why);

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "{Target}: flapping, {Failures} failures within {Window}; it has to stay well for {StableFor}"
    )]
    public static partial void Flaps(ILogger log, string target, int failures, TimeSpan window, TimeSpan stableFor);

    [LoggerMessage(7, LogLevel.Information, "{Target}: {Summary}; healing leaves {Subject} alone")]
    public static partial void Withdrawn(ILogger log, string target, string subject, string summary);
}
