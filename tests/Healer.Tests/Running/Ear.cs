using System.Threading.Channels;
using MassTransit;
using Nightshift.Testing;

namespace Nightshift.Healer.Tests.Running;

/// <summary>Hears messages of one kind.</summary>
sealed class Ear<T>
    where T : class
{
    readonly Channel<T> heard = Channel.CreateUnbounded<T>();

    public void Attach(IReceiveEndpointConfigurator endpoint) =>
        endpoint.Handler<T>(async x => await heard.Writer.WriteAsync(x.Message, x.CancellationToken));

    /// <summary>The next message that is meant; others on the same queue belong to somebody else.</summary>
    public async Task<T> Next(Func<T, bool> meant)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Eventually.Deadline);
        while (true)
            if (await heard.Reader.ReadAsync(limit.Token) is var message && meant(message))
                return message;
    }
}
