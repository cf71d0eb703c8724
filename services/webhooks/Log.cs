namespace Nightshift.Webhooks;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Delivery {DeliveryId} received: {Event} {Action} in {Repository}")]
    public static partial void Received(
        ILogger log,
        string deliveryId,
        string @event,
        string? action,
        string? repository
    );

    [LoggerMessage(2, LogLevel.Information, "Delivery {DeliveryId} came again; nothing to do")]
    public static partial void Repeated(ILogger log, string deliveryId);

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "Delivery {DeliveryId} ({Event}) from {Address} was refused with {Status} {Code}: {Why}"
    )]
    public static partial void Refused(
        ILogger log,
        string deliveryId,
        string @event,
        System.Net.IPAddress address,
        int status,
        string code,
        string why
    );

    [LoggerMessage(
        4,
        LogLevel.Error,
        "Delivery {DeliveryId} could not be committed; GitHub is told so and can deliver it again"
    )]
    public static partial void NotCommitted(ILogger log, Exception cause, string deliveryId);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "Delivery {DeliveryId} ({Event} {Action}) has a shape the published models do not know: {Why}"
    )]
    public static partial void UnknownShape(ILogger log, string deliveryId, string @event, string? action, string? why);

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "The scheduler could not be asked for the DAGs' triggers; asking again shortly"
    )]
    public static partial void NotAsked(ILogger log, Exception cause);

    [LoggerMessage(
        7,
        LogLevel.Warning,
        "{Count} further deliveries from {Sender} were refused within {Seconds} s and not logged one by one"
    )]
    public static partial void FurtherRefused(ILogger log, int count, string sender, int seconds);

    [LoggerMessage(
        8,
        LogLevel.Warning,
        "Delivery {DeliveryId} is a replay and starts nothing: delivery {Earlier} had the same body"
    )]
    public static partial void Replayed(ILogger log, string deliveryId, string earlier);

    [LoggerMessage(9, LogLevel.Warning, "Old hashes of bodies could not be deleted; the next hour tries again")]
    public static partial void NotPruned(ILogger log, Exception cause);
}
