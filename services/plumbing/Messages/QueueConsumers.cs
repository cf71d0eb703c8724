using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Relay;

namespace Nightshift.Plumbing.Messages;

/// <summary>
/// Watches that each queue of this service has a consumer: by MassTransit's word for this instance, and by the broker's
/// for the queue. What is not so is repaired (<see cref="ConsumerRepair"/>); meanwhile the service is not ready.
/// </summary>
public sealed class QueueConsumers(
    IBusControl bus,
    BrokerConnection broker,
    BrokerAvailability availability,
    ILogger<QueueConsumers> log,
    TimeProvider clock
) : BackgroundService, IHealthCheck
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>The same while a consumer is missing or the broker is away.</summary>
    public static readonly TimeSpan PeriodWithProblem = TimeSpan.FromMilliseconds(250);

    /// <summary>Exit code of a process that cannot consume (<c>EX_TEMPFAIL</c> of sysexits.h).</summary>
    public const int CannotConsume = 75;

    /// <summary>How long MassTransit may take to stop an endpoint.</summary>
    static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(3);

    readonly ConsumerRepair repair = new();
    readonly long startedAt = clock.GetTimestamp();

    /// <summary>In few words why this instance does not consume all its queues; null when it does.</summary>
    public string? Problem { get; private set; } = "Starting";

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) => Task.FromResult(Problem is { } why ? HealthCheckResult.Unhealthy(why) : HealthCheckResult.Healthy());

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                await Look(stoppingToken);
                await Task.Delay(Problem is null ? Period : PeriodWithProblem, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    async Task Look(CancellationToken cancellationToken)
    {
        try
        {
            var missing = new List<string>();
            var reconnects = new List<Task>();
            foreach (var endpoint in Endpoints())
                if (!await IsConsumed(endpoint, reconnects, cancellationToken))
                    missing.Add(QueueOf(endpoint));
            await Task.WhenAll(reconnects);
            Report(missing.Count == 0 ? null : $"No consumer on {string.Join(", ", missing)}");
        }
        catch (Exception e) when (PublishFailure.MayPass(e) && !cancellationToken.IsCancellationRequested)
        {
            availability.IsAway();
            repair.BrokerIsAway();
            Report("RabbitMQ does not answer");
        }
    }

    // Endpoints are connected again side by side: one that does not stop must not hold up the others.
    async Task<bool> IsConsumed(
        EndpointHealthResult endpoint,
        List<Task> reconnects,
        CancellationToken cancellationToken
    )
    {
        var queue = QueueOf(endpoint);
        var consumers = (await broker.Find(queue, cancellationToken))?.Consumers;
        availability.Answers();
        var consumed = endpoint.Status is BusHealthStatus.Healthy && consumers > 0;
        switch (repair.Decide(queue, consumed, clock.GetElapsedTime(startedAt)))
        {
            case RepairAction.Reconnect:
                PlumbingLog.Reconnecting(log, queue, endpoint.Status, consumers);
                reconnects.Add(Reconnect(endpoint.ReceiveEndpoint, cancellationToken));
                break;
            case RepairAction.EndProcess:
                PlumbingLog.CannotConsume(log, queue, ConsumerRepair.EndAfter.TotalSeconds);
                Environment.Exit(CannotConsume);
                break;
        }
        return consumed;
    }

    async Task Reconnect(IReceiveEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            await endpoint.Stop(cancellationToken).WaitAsync(StopWithin, clock, cancellationToken);
            endpoint.Start(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested) // the next look tries again
        {
            PlumbingLog.ReconnectFailed(log, e, endpoint.InputAddress);
        }
    }

    // The bus's own endpoint, for answers to requests, is temporary and nobody uses it.
    IEnumerable<EndpointHealthResult> Endpoints() =>
        bus.CheckHealth()
            .Endpoints.Values.Where(x =>
                x.ReceiveEndpoint is not null
                && !x.InputAddress.Query.Contains("temporary=true", StringComparison.Ordinal)
            );

    void Report(string? problem)
    {
        if (problem != Problem && problem is not null)
            PlumbingLog.NotConsuming(log, problem);
        Problem = problem;
    }

    static string QueueOf(EndpointHealthResult endpoint) => endpoint.InputAddress.AbsolutePath.Split('/')[^1];
}
