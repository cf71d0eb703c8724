using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Nightshift.Bench;

/// <summary>
/// A durable queue with one consumer, persistent messages and publisher confirms, by the broker's own client. It is
/// deleted at the end.
/// </summary>
sealed class BareQueue : IAsyncDisposable
{
    /// <summary>As many messages are handled at once as there are connections to the database.</summary>
    const ushort AtOnce = 16;

    const int MessageBytes = 512;

    static readonly BasicProperties Persistent = new() { DeliveryMode = DeliveryModes.Persistent };

    readonly string name;
    readonly IChannel publishing,
        consuming;

    BareQueue(string name, IChannel publishing, IChannel consuming) =>
        (this.name, this.publishing, this.consuming) = (name, publishing, consuming);

    public static async Task<BareQueue> Create(IConnection connection, string name)
    {
        var publishing = await connection.CreateChannelAsync(new(true, true));
        var consuming = await connection.CreateChannelAsync(new(false, false, consumerDispatchConcurrency: AtOnce));
        await consuming.QueueDeleteAsync(name);
        await consuming.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false);
        await consuming.BasicQosAsync(0, prefetchCount: 64, global: false);
        return new(name, publishing, consuming);
    }

    /// <summary>Handles each message, then acknowledges it.</summary>
    public async Task Consume(Func<int, Task> handle)
    {
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += async (_, message) =>
        {
            await handle(BitConverter.ToInt32(message.Body.Span));
            await consuming.BasicAckAsync(message.DeliveryTag, multiple: false);
        };
        await consuming.BasicConsumeAsync(name, autoAck: false, consumer);
    }

    /// <summary>Returns when the broker has the message on disk.</summary>
    /// <param name="number">What the message says; the rest of it is padding.</param>
    public async Task Publish(int number)
    {
        var body = new byte[MessageBytes];
        BitConverter.TryWriteBytes(body, number);
        await publishing.BasicPublishAsync("", name, mandatory: true, Persistent, body);
    }

    public async ValueTask DisposeAsync()
    {
        await consuming.QueueDeleteAsync(name);
        await publishing.DisposeAsync();
        await consuming.DisposeAsync();
    }
}
