using System.Diagnostics;
using RabbitMQ.Client;

namespace Nightshift.Bench;

/// <summary>How long a message takes through the broker.</summary>
static class BareDelivery
{
    /// <returns>Milliseconds from each publish to its consumer, one message at a time.</returns>
    public static async Task<IReadOnlyList<double>> Measure(Uri rabbitMq, int messages)
    {
        await using var connection = await new ConnectionFactory { Uri = rabbitMq }.CreateConnectionAsync();
        await using var queue = await BareQueue.Create(connection, "nightshift-yardstick-delivery");
        var arrived = new TaskCompletionSource<long>();
        await queue.Consume(_ =>
        {
            arrived.TrySetResult(Stopwatch.GetTimestamp());
            return Task.CompletedTask;
        });
        var times = new List<double>();
        for (var i = 0; i < messages; i++)
        {
            arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var since = Stopwatch.GetTimestamp();
            await queue.Publish(i);
            times.Add(Stopwatch.GetElapsedTime(since, await arrived.Task).TotalMilliseconds);
        }
        return times;
    }
}
