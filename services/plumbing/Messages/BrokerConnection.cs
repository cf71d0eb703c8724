using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Nightshift.Plumbing.Messages;

/// <summary>What the broker says of a queue.</summary>
/// <param name="Messages">Messages ready for delivery.</param>
/// <param name="Consumers">Consumers of all connections.</param>
public sealed record QueueState(long Messages, int Consumers);

/// <summary>
/// A connection of our own to the broker, beside MassTransit's: for questions about queues and for error queues. It
/// shares none of MassTransit's state, so its answers hold when that state is wrong.
/// </summary>
public sealed class BrokerConnection(IConnectionFactory factory) : IAsyncDisposable
{
    /// <summary>How long the broker may take to answer a question.</summary>
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    readonly SemaphoreSlim gate = new(1, 1);
    IConnection? connection;
    IChannel? questions;

    /// <summary>The state of a queue; null when there is no such queue.</summary>
    /// <exception cref="RabbitMQClientException">The broker does not answer.</exception>
    /// <exception cref="TimeoutException">Nor does it refuse.</exception>
    public async Task<QueueState?> Find(string queue, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerWithin);
        try
        {
            await gate.WaitAsync(limit.Token);
            try
            {
                if (questions is not { IsOpen: true })
                    questions = await Reopen(limit.Token);
                var answer = await questions.QueueDeclarePassiveAsync(queue, limit.Token);
                return new(answer.MessageCount, (int)answer.ConsumerCount);
            }
            finally
            {
                gate.Release();
            }
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null; // the broker has closed the channel with it
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"RabbitMQ does not answer within {AnswerWithin.TotalSeconds:0} s");
        }
    }

    /// <summary>Opens a channel; the caller disposes it. What it took and did not acknowledge returns then.</summary>
    /// <param name="confirms">Publishing waits for the broker's confirmation.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IChannel> Open(bool confirms, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            var open = await Connect(cancellationToken);
            return await open.CreateChannelAsync(new(confirms, confirms), cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Close();
        gate.Dispose();
    }

    async Task<IChannel> Reopen(CancellationToken cancellationToken)
    {
        var open = await Connect(cancellationToken);
        if (questions is { } closed)
            await closed.DisposeAsync();
        return await open.CreateChannelAsync(cancellationToken: cancellationToken);
    }

    async Task<IConnection> Connect(CancellationToken cancellationToken)
    {
        if (connection is { IsOpen: true })
            return connection;
        await Close();
        return connection = await factory.CreateConnectionAsync(cancellationToken);
    }

    async Task Close()
    {
        if (connection is null)
            return;
        await connection.DisposeAsync();
        (connection, questions) = (null, null);
    }
}
