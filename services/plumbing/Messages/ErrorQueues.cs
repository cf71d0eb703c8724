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
                    return Task.FromResult(true);
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

    /// <summary>How many were given up before an instant.</summary>
    public async Task<long> CountBefore(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var count = 0L;
        foreach (var queue in queues.All)
            await EachBefore(
                queue,
                instant,
                (_, _) =>
                {
                    count++;
                    return Task.CompletedTask;
                },
                cancellationToken
            );
        return count;
    }

    /// <summary>Removes for good what was given up before an instant, each message once it is recorded.</summary>
    /// <param name="instant">A message whose time is not known stays.</param>
    /// <param name="record">Records a message that is about to be removed.</param>
    /// <param name="cancellationToken">Ends it between two messages.</param>
    /// <returns>How many.</returns>
    public async Task<long> RemoveBefore(
        DateTimeOffset instant,
        Func<GivenUpMessage, Task> record,
        CancellationToken cancellationToken
    )
    {
        var removed = 0L;
        foreach (var queue in queues.All)
            await EachBefore(
                queue,
                instant,
                async (channel, message) =>
                {
                    await record(Describe(queue, message));
                    await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
                    removed++;
                },
                cancellationToken
            );
        return removed;
    }

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    // The oldest come first, so the first that is young enough ends it: a sweep does not read a whole queue.
    Task EachBefore(
        string queue,
        DateTimeOffset instant,
        Func<IChannel, BasicGetResult, Task> act,
        CancellationToken cancellationToken
    ) =>
        Each(
            queue,
            limit: int.MaxValue,
            async (channel, message) =>
            {
                if (GivenUpAt(message) is not { } at)
                    return true;
                if (at < instant)
                    await act(channel, message);
                return at < instant;
            },
            cancellationToken
        );

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
                        return true;
                    await act(channel, queue, message);
                    await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
                    taken++;
                    return true;
                },
                cancellationToken
            );
        return taken;
    }

    // Only those that are there now: one that fails again at once must not come round for ever.
    async Task Each(
        string queue,
        long limit,
        Func<IChannel, BasicGetResult, Task<bool>> goOn,
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
                    await channel.BasicGetAsync(ReceiveQueues.ErrorQueueOf(queue), autoAck: false, cancellationToken)
                        is { } message
                    && !await goOn(channel, message)
                )
                    return;
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
            GivenUpAt(message),
            PlainText.Of(Header(message, $"{FaultHeaders}Message"), GivenUpMessage.MaxReason),
            body.Excerpt,
            message.Body.Length
        );
    }

    static DateTimeOffset? GivenUpAt(BasicGetResult message) =>
        DateTimeOffset.TryParse(
            Header(message, $"{FaultHeaders}Timestamp"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var at
        )
            ? at.ToUniversalTime()
            : null;

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
