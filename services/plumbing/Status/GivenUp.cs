using System.Diagnostics.Metrics;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Status;

/// <summary>
/// Messages this process could not handle and moved to an error queue. They count until it is restarted: each still
/// lies there, nothing else asks for a person, and whoever has looked can restart the service.
/// </summary>
public sealed class GivenUp(IMeterFactory meters, ILogger<GivenUp> log)
    : IFilter<ExceptionReceiveContext>,
        IEndpointConfigurationObserver
{
    readonly Counter<long> counter = meters
        .Create("Nightshift")
        .CreateCounter<long>("nightshift.messages.given_up", description: "Messages moved to an error queue");
    int count;

    /// <summary>How many since the process started.</summary>
    public int Count => count;

    /// <inheritdoc/>
    public void EndpointConfigured<T>(T configurator)
        where T : IReceiveEndpointConfigurator => configurator.ConfigureError(x => x.UseFilter(this));

    /// <inheritdoc/>
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        await next.Send(context); // moves it; when that fails the message goes back to its queue
        var (type, queue) = (TypeOf(context), context.InputAddress.AbsolutePath.Split('/')[^1]);
        Interlocked.Increment(ref count);
        counter.Add(1, new("message", type), new("queue", queue));
        PlumbingLog.MessageGivenUp(
            log,
            context.Exception,
            type,
            queue,
            $"{queue}_error",
            context.Exception.GetBaseException().Message
        );
    }

    /// <inheritdoc/>
    public void Probe(ProbeContext context) => context.CreateFilterScope("givenUp");

    // By its envelope, as in "urn:message:Nightshift.Contracts:StartAttempt": it may not have come as far as a type of
    // ours.
    static string TypeOf(ExceptionReceiveContext context)
    {
        try
        {
            return
                JsonSerializer.Deserialize<Envelope>(context.GetBody(), Json.Options) is { MessageType: [var urn, ..] }
                ? urn.Split(':')[^1]
                : "message of no type";
        }
        catch (JsonException)
        {
            return "unreadable message";
        }
    }

    sealed record Envelope(string[] MessageType);
}
