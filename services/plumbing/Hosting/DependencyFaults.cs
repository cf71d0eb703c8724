using MassTransit;
using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace Nightshift.Plumbing.Hosting;

/// <summary>Tells what a dependency did from what we did: the first passes by itself and may be tried again.</summary>
static class DependencyFaults
{
    /// <summary>The dependency an exception blames; null for a fault of our own.</summary>
    public static string? DependencyOf(Exception e) =>
        e switch
        {
            NpgsqlException { IsTransient: true } => "PostgreSQL",
            ConnectionException or RabbitMQClientException => "RabbitMQ",
            TimeoutException => "a dependency",
            _ => e.InnerException is { } inner ? DependencyOf(inner) : null,
        };
}
