using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Hosting;
using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace Nightshift.Plumbing.Installations;

/// <summary>
/// Makes sure, before a service does anything, that database and broker are those of its own installation. A server
/// that is away is waited for.
/// </summary>
sealed class InstallationClaim(
    Installation installation,
    NightshiftOptions options,
    byte[] gatewayKey,
    NpgsqlDataSource database,
    string brokerPassword,
    ILogger<InstallationClaim> log,
    TimeProvider clock
)
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <exception cref="OptionsValidationException">One of them is another installation's, or was written in another
    /// form; the message says what to set.</exception>
    public async Task Take(CancellationToken cancellationToken)
    {
        await WhenThere("PostgreSQL", () => TakeDatabase(cancellationToken), cancellationToken);
        await WhenThere("RabbitMQ", () => TakeBroker(cancellationToken), cancellationToken);
    }

    async Task TakeDatabase(CancellationToken cancellationToken)
    {
        var stamp =
            options.MigrateOnStart || options.AdoptDatabase
                ? await InstallationStamp.Ensure(
                    database,
                    installation.Id,
                    Installation.TokenFrom(gatewayKey),
                    cancellationToken,
                    options.AdoptDatabase
                )
                : await InstallationStamp.Read(database, cancellationToken);
        var name = new NpgsqlConnectionStringBuilder(options.Postgres).Database ?? "";
        var identity = await DatabaseIdentity.Read(database, cancellationToken);
        if (InstallationStamp.Refusal(stamp, installation.Id, name, identity) is { } refusal)
            throw OptionsCheck.Mistake(refusal);
        (installation.Token, installation.ReplacedToken) = (stamp!.Token, stamp.ReplacedToken);
    }

    async Task TakeBroker(CancellationToken cancellationToken)
    {
        if (await BrokerClaim.Take(installation, options, brokerPassword, cancellationToken) is { } refusal)
            throw OptionsCheck.Mistake(refusal);
    }

    async Task WhenThere(string server, Func<Task> take, CancellationToken cancellationToken)
    {
        for (var isSaid = false; ; isSaid = true)
            try
            {
                await take();
                return;
            }
            catch (Exception e) when (IsAway(e) && !cancellationToken.IsCancellationRequested)
            {
                if (!isSaid)
                    PlumbingLog.WaitingForServer(log, server, e.GetBaseException().Message);
                await Task.Delay(Pause, clock, cancellationToken);
            }
    }

    static bool IsAway(Exception e) =>
        e
            is NpgsqlException { IsTransient: true }
                or BrokerUnreachableException
                or OperationInterruptedException
                or AlreadyClosedException
                or IOException
                or TimeoutException;
}
