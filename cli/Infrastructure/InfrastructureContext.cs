using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Infrastructure;

/// <summary>What every part of the infrastructure needs to start.</summary>
/// <param name="Say">Tells the reader one line.</param>
public sealed record InfrastructureContext(
    Home Home,
    IReadOnlyDictionary<string, int> Ports,
    Secrets Secrets,
    Supervisor Supervisor,
    Action<string> Say
);

/// <summary>Where the infrastructure answers. Passwords are in the secrets.</summary>
/// <param name="Postgres">Npgsql connection string without password.</param>
/// <param name="RabbitMq">AMQP address with user, without password.</param>
/// <param name="Docker">Address of the engine, <c>unix://</c> or <c>tcp://</c>.</param>
/// <param name="Secrets">The passwords that belong to the addresses, and all other secrets.</param>
public sealed record Endpoints(string Postgres, string RabbitMq, string Docker, Secrets Secrets)
{
    /// <summary>Where the engine keeps its data, on the machine it runs on; null when it does not say.</summary>
    public string? DockerRoot { get; init; }

    /// <summary>The secret with the database's password.</summary>
    public string PostgresSecret { get; init; } = Secrets.PostgresPassword;

    /// <summary>The secret with the broker's password.</summary>
    public string RabbitMqSecret { get; init; } = Secrets.RabbitMqPassword;

    /// <summary>Ready to use, with the password: for tests, never for a log.</summary>
    public string PostgresWithPassword => $"{Postgres};Password={Secrets.Get(PostgresSecret)}";

    /// <summary>Ready to use, with the password: for tests, never for a log.</summary>
    public string RabbitMqWithPassword =>
        RabbitMq.Replace("@", $":{Uri.EscapeDataString(Secrets.Get(RabbitMqSecret))}@", StringComparison.Ordinal);
}
