using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RabbitMQ.Client;

namespace Nightshift.Plumbing.Messages;

/// <summary>
/// The error queues of this service. The broker keeps them, so they outlive the process. A message is looked at by
/// taking it without acknowledging: it returns to its place when the channel closes.
/// </summary>
public sealed class ErrorQueues(ReceiveQueues queues, BrokerConnection broker) : IDisposable
{
    const string FaultHeaders = "MT-Fault-";
    const string ReasonHeader = "MT-Reason";

    // Two readers of one queue at a time would each see a part of it.
    readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>How many messages are in them.</summary>
    public async Task<long> Count(CancellationToken cancellationToken)
    {
        var total = 0L;
        foreach (var queue in queues.All)
            total += await Count(queue, cancellationToken);
        return total;
    }

    /// <summary>The oldest of each queue.</summary>
    public async Task<IReadOnlyList<GivenUpMessage>> List(int perQueue, CancellationToken cancellationToken)
    {
        var messages = new List<GivenUpMessage>();
        foreach (var queue in queues.All)
            await Each(
                queue,
                perQueue,
                (_, message) =>
                {
                    messages.Add(Describe(queue, message));
                    return Task.CompletedTask;
                },
                cancellationToken
            );
        return messages;
    }

    /// <summary>Returns messages to their queues, under their own ids.</summary>
    /// <param name="id">Which one; null for all.</param>
    /// <param name="cancellationToken">Ends it between two messages.</param>
    public Task<int> Retry(string? id, CancellationToken cancellationToken) =>
        Take(
            id,
            async (channel, queue, message) =>
                // confirmed before it leaves the error queue: a crash in between repeats it
                await channel.BasicPublishAsync(
                    exchange: "",
                    queue,
                    mandatory: true,
                    WithoutFault(message.BasicProperties),
                    message.Body,
                    cancellationToken
                ),
            cancellationToken
        );

    /// <summary>Removes messages for good.</summary>
    /// <param name="id">Which one; null for all.</param>
    /// <param name="cancellationToken">Ends it between two messages.</param>
    public Task<int> Discard(string? id, CancellationToken cancellationToken) =>
        Take(id, (_, _, _) => Task.CompletedTask, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    async Task<int> Take(
        string? id,
        Func<IChannel, string, BasicGetResult, Task> act,
        CancellationToken cancellationToken
    )
    {
        var taken = 0;
        foreach (var queue in queues.All.Where(x => id is null || id.StartsWith($"{x}~", StringComparison.Ordinal)))
            await Each(
                queue,
                limit: int.MaxValue,
                async (channel, message) =>
                {
                    if (id is not null && IdOf(queue, message) != id)
                        return;
                    await act(channel, queue, message);
                    await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
                    taken++;
                },
                cancellationToken
            );
        return taken;
    }

    // Only those that are there now: one that fails again at once must not come round for ever.
    async Task Each(
        string queue,
        long limit,
        Func<IChannel, BasicGetResult, Task> look,
        CancellationToken cancellationToken
    )
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            var count = Math.Min(limit, await Count(queue, cancellationToken));
            if (count == 0)
                return;
            await using var channel = await broker.Open(confirms: true, cancellationToken);
            for (; count > 0; count--)
                if (
                    await channel.BasicGetAsync(ReceiveQueues.ErrorQueueOf(queue), autoAck: false, cancellationToken) is
                    { } message
                )
                    await look(channel, message);
        }
        finally
        {
            gate.Release();
        }
    }

    async Task<long> Count(string queue, CancellationToken cancellationToken) =>
        (await broker.Find(ReceiveQueues.ErrorQueueOf(queue), cancellationToken))?.Messages ?? 0;

    static GivenUpMessage Describe(string queue, BasicGetResult message)
    {
        var body = MessageBody.Read(message.Body.Span);
        return new(
            IdOf(queue, message),
            "message",
            body.Type,
            queue,
            DateTimeOffset.TryParse(
                Header(message, $"{FaultHeaders}Timestamp"),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var at
            )
                ? at.ToUniversalTime()
                : null,
            PlainText.Of(Header(message, $"{FaultHeaders}Message"), GivenUpMessage.MaxReason),
            body.Excerpt,
            message.Body.Length
        );
    }

    static string IdOf(string queue, BasicGetResult message) =>
        Guid.TryParse(message.BasicProperties.MessageId, out var id)
            ? $"{queue}~{id}"
            : $"{queue}~{Convert.ToHexStringLower(SHA256.HashData(message.Body.Span))[..32]}";

    static string Header(BasicGetResult message, string name) =>
        message.BasicProperties.Headers is { } headers && headers.TryGetValue(name, out var value)
            ? value switch
            {
                byte[] bytes => Encoding.UTF8.GetString(bytes),
                _ => value?.ToString() ?? "",
            }
            : "";

    static BasicProperties WithoutFault(IReadOnlyBasicProperties properties) =>
        new(properties)
        {
            Headers = properties
                .Headers?.Where(x => !x.Key.StartsWith(FaultHeaders, StringComparison.Ordinal) && x.Key != ReasonHeader)
                .ToDictionary(),
        };
}
