using Nightshift.Plumbing.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Nightshift.Plumbing.Installations;

/// <summary>
/// Holds an installation's names on the broker against another one with the same id. The claim is an exchange that
/// nothing is published to: declaring it again succeeds only with the same arguments, which the broker checks in one
/// step.
/// </summary>
static class BrokerClaim
{
    const ushort OtherArguments = 406; // PRECONDITION_FAILED

    const int Replacements = 10;

    /// <returns>What is wrong and what to do; null when the names are this installation's.</returns>
    /// <exception cref="BrokerUnreachableException">The broker is away, or refuses the login.</exception>
    public static async Task<string?> Take(
        Installation installation,
        NightshiftOptions options,
        string password,
        CancellationToken cancellationToken
    )
    {
        var address = new Uri(options.RabbitMq);
        var factory = new ConnectionFactory
        {
            Uri = address,
            Password = password,
            ClientProvidedName = "nightshift-installation",
        };
        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        var exchange = $"{installation.Prefix}nightshift-installation";
        if (await Declare(connection, exchange, installation.Token, cancellationToken))
            return null;
        // The services of an installation replace an earlier claim of theirs side by side, and may undo what another
        // one has just done.
        for (var i = 0; i < Replacements && installation.ReplacedToken is { } replaced; i++)
        {
            if (await Declare(connection, exchange, replaced, cancellationToken))
                await Delete(connection, exchange, cancellationToken);
            if (await Declare(connection, exchange, installation.Token, cancellationToken))
                return null;
        }
        return $"The broker at {address.Host}:{(address.Port > 0 ? address.Port : 5672)}{address.AbsolutePath} "
            + $"serves another installation that is called '{installation.Id}' too, or a copy of this one's database "
            + $"that has taken over. Set Nightshift:Installation to another name ({Installation.Rule}), the same for all "
            + "services of this one, or name another virtual host in Nightshift:RabbitMq. "
            + $"If that other installation is gone for good, delete the exchange '{exchange}' there.";
    }

    /// <returns>False when it is there with another token.</returns>
    static async Task<bool> Declare(
        IConnection connection,
        string exchange,
        Guid token,
        CancellationToken cancellationToken
    )
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.ExchangeDeclareAsync(
                exchange,
                ExchangeType.Fanout,
                durable: true,
                autoDelete: false,
                // the one argument of an exchange that the broker compares; there is no exchange of that name
                new Dictionary<string, object?> { ["alternate-exchange"] = $"nightshift-{token:N}" },
                cancellationToken: cancellationToken
            );
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == OtherArguments)
        {
            return false;
        }
    }

    static async Task Delete(IConnection connection, string exchange, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.ExchangeDeleteAsync(exchange, cancellationToken: cancellationToken);
    }
}
