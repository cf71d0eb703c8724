using Npgsql;

namespace Nightshift.Cli.Infrastructure;

/// <summary>Finds or starts database, broker and engine, the three at once.</summary>
public static class Foundation
{
    /// <summary>The parts of the foundation by name; every other part is a service.</summary>
    public static readonly IReadOnlyList<string> Parts = [Postgres.Part, RabbitMq.Part, RabbitMq.PortMapper, Engine.Part];

    /// <exception cref="ProblemException">One of the three cannot be had.</exception>
    public static async Task<Endpoints> Start(Ground ground, CancellationToken cancellationToken)
    {
        var (postgres, rabbitMq, docker) = (Given("NIGHTSHIFT_POSTGRES"), Given("NIGHTSHIFT_RABBITMQ"), Given("DOCKER_HOST") ?? SharedEngine());
        (string Package, bool Missing)[] needed =
        [
            ("postgresql", postgres is null && Postgres.FindPrograms() is null),
            ("rabbitmq-server", rabbitMq is null && RabbitMq.FindProgram() is null),
            ("docker.io", docker is null && Machine.Find("dockerd") is null),
        ];
        await Packages.Install([.. needed.Where(n => n.Missing).Select(n => n.Package)], ground.Say, cancellationToken);

        // One failing must not leave the others half started and unwatched: wait for all, then report the first failure.
        var starting = (
            Postgres: postgres is null ? Postgres.Start(ground, cancellationToken) : Task.FromResult(postgres),
            RabbitMq: rabbitMq is null ? RabbitMq.Start(ground, cancellationToken) : Task.FromResult(rabbitMq),
            Docker: docker is null ? Engine.Start(ground, cancellationToken) : Task.FromResult(docker));
        await Task.WhenAll(starting.Postgres, starting.RabbitMq, starting.Docker);
        var endpoints = await WithoutPasswords(
            new Endpoints(await starting.Postgres, await starting.RabbitMq, await starting.Docker, ground.Secrets),
            postgres is not null, rabbitMq is not null, ground.Home, cancellationToken);
        var engine = await Engine.Require(endpoints.Docker, cancellationToken);
        ground.Say($"PostgreSQL  {Where(postgres, new NpgsqlConnectionStringBuilder(endpoints.Postgres) is var p ? $"{p.Host}:{p.Port}" : "")}");
        ground.Say($"RabbitMQ    {Where(rabbitMq, new Uri(endpoints.RabbitMq).Authority)}");
        ground.Say($"Docker      {Where(docker, endpoints.Docker)}, engine {engine.Version}");
        return endpoints;
    }

    static string Where(string? given, string address) => given is null ? $"{address}, private" : $"{address}, yours";

    static string? Given(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    /// <summary>Only root can start an engine of its own; others use the machine's, if they may.</summary>
    static string? SharedEngine() => Machine.IsRoot ? null
        : File.Exists("/var/run/docker.sock") ? "unix:///var/run/docker.sock"
        : throw new ProblemException("A Docker engine is needed, and only root can start a private one. Start Docker (sudo apt-get install docker.io), or name an engine with DOCKER_HOST.");

    /// <summary>
    /// Takes the passwords out of addresses given by the user: they go into a secrets folder of their own, so that the
    /// private instances' passwords stay for the day they are wanted again.
    /// </summary>
    static async Task<Endpoints> WithoutPasswords(Endpoints given, bool postgres, bool rabbitMq, Home home, CancellationToken cancellationToken)
    {
        if (!postgres && !rabbitMq) return given;
        var secrets = given.Secrets.CopyTo(Path.Combine(home.Root, "secrets-external"));
        if (postgres)
        {
            await Postgres.Require(given.Postgres, cancellationToken);
            var address = new NpgsqlConnectionStringBuilder(given.Postgres);
            secrets.Set(Secrets.PostgresPassword, address.Password ?? "");
            address.Remove("Password");
            given = given with { Postgres = address.ConnectionString };
        }
        if (rabbitMq)
        {
            var address = await Amqp.Require(given.RabbitMq, cancellationToken);
            secrets.Set(Secrets.RabbitMqPassword, address.Password);
            given = given with { RabbitMq = address.WithoutPassword };
        }
        return given with { Secrets = secrets };
    }
}
