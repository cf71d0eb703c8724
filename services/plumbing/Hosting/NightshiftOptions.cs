using System.ComponentModel.DataAnnotations;
using Npgsql;

namespace Nightshift.Plumbing.Hosting;

/// <summary>
/// What every service needs to know about its surroundings. Section <c>Nightshift</c>; environment
/// <c>Nightshift__Postgres</c> and so on.
/// </summary>
public sealed record NightshiftOptions : IValidatableObject
{
    /// <summary>
    /// Npgsql connection string without password; the password is the secret <see cref="PostgresSecret"/>. No default.
    /// </summary>
    [Required(
        ErrorMessage = "Nightshift:Postgres is missing. Set Nightshift__Postgres, e.g. "
            + "Host=127.0.0.1;Port=5432;Database=nightshift;Username=nightshift"
    )]
    public string Postgres { get; init; } = "";

    /// <summary>
    /// AMQP URI without password; the password is the secret <see cref="RabbitMqSecret"/>. No default.
    /// </summary>
    [Required(
        ErrorMessage = "Nightshift:RabbitMq is missing. Set Nightshift__RabbitMq, e.g. "
            + "amqp://nightshift@127.0.0.1:5672/"
    )]
    public string RabbitMq { get; init; } = "";

    /// <summary>Name of the secret with the database's password. Default <c>postgres-password</c>.</summary>
    public string PostgresSecret { get; init; } = "postgres-password";

    /// <summary>Name of the secret with the broker's password. Default <c>rabbitmq-password</c>.</summary>
    public string RabbitMqSecret { get; init; } = "rabbitmq-password";

    /// <summary>
    /// Directory with one file per secret, named like the secret. Null looks secrets up in the environment and in
    /// <c>pass</c> only.
    /// </summary>
    public string? SecretsDirectory { get; init; }

    /// <summary>
    /// Tells this installation from others on the same broker or engine; the same for all its services. 1 to 20
    /// lower-case letters, digits and dashes, beginning and ending with a letter or digit, not beginning with
    /// <c>nightshift-</c>. Default <c>nightshift</c>; <c>./nightshift up</c> makes one up for each home.
    /// </summary>
    public string Installation { get; init; } = Installations.Installation.Default;

    /// <summary>
    /// Applies the service's own schema before it starts. Default false: a separate step has done it, and starting is
    /// quicker.
    /// </summary>
    public bool MigrateOnStart { get; init; }

    /// <summary>
    /// For one start: makes a database that is a copy, or another installation's, this installation's own. A restored,
    /// moved or upgraded database goes on; the one it is a copy of is refused on the same broker or engine afterwards.
    /// Default false: such a database is refused.
    /// </summary>
    public bool AdoptDatabase { get; init; }

    /// <summary>
    /// Messages a service takes from one queue before it has acknowledged them; 1 to 1000, default 64.
    /// </summary>
    [Range(1, 1000, ErrorMessage = "Nightshift:Prefetch must be a number from 1 to 1000")]
    public int Prefetch { get; init; } = 64;

    /// <summary>
    /// Memory for the states of each kind of stream, MiB (estimated); 1 to 4096, default 64. States that do not fit are
    /// loaded when they are needed; ended ones leave first.
    /// </summary>
    [Range(1, 4096, ErrorMessage = "Nightshift:StateMemoryMiB must be a number of MiB from 1 to 4096")]
    public int StateMemoryMiB { get; init; } = 64;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Installations.Installation.IsId(Installation))
            yield return new($"Nightshift:Installation is '{Installation}'; write {Installations.Installation.Rule}");
        if (Why(() => new NpgsqlConnectionStringBuilder(Postgres)) is { } postgres)
            yield return new(
                $"Nightshift:Postgres cannot be read: {postgres} Write for example "
                    + "Host=127.0.0.1;Port=5432;Database=nightshift;Username=nightshift"
            );
        if (!Uri.TryCreate(RabbitMq, UriKind.Absolute, out var broker) || broker.Scheme is not "amqp")
            yield return new(
                "Nightshift:RabbitMq is no AMQP address. Write for example amqp://nightshift@127.0.0.1:5672/"
            );
    }

    static string? Why(Func<object> read)
    {
        try
        {
            read();
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }
}
