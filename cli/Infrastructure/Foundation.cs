using Nightshift.Cli.Supervision;
using Npgsql;

namespace Nightshift.Cli.Infrastructure;

/// <summary>Finds or starts database, broker and engine, the three at once.</summary>
public static class Foundation
{
    /// <summary>The parts of the foundation by name; every other part is a service.</summary>
    public static readonly IReadOnlyList<string> Parts =
    [
        Postgres.Part,
        RabbitMq.Part,
        RabbitMq.PortMapper,
        Engine.Part,
        Containerd.Part,
    ];

    /// <summary>
    /// In which step a part is stopped: 0 the services, 1 the foundation, 2 containerd, which the engine needs to stop
    /// its containers.
    /// </summary>
    public static int StopStep(string part) =>
        part == Containerd.Part ? 2
        : Parts.Contains(part) ? 1
        : 0;

    /// <summary>The highest of <see cref="StopStep"/>.</summary>
    public const int LastStopStep = 2;

    /// <exception cref="ProblemException">One of the three cannot be had.</exception>
    public static async Task<Endpoints> Start(InfrastructureContext context, CancellationToken cancellationToken)
    {
        var given = new GivenAddresses(
            Given("NIGHTSHIFT_POSTGRES"),
            Given("NIGHTSHIFT_RABBITMQ"),
            Given("DOCKER_HOST") ?? SharedEngine()
        );
        await Packages.Install(Missing(given), context.Say, cancellationToken);

        var (postgres, rabbitMq, docker) = given;
        await ParallelStartup.Run(
            [
                async c => postgres ??= await Postgres.Start(context, c),
                async c => rabbitMq ??= await RabbitMq.Start(context, c),
                async c => docker ??= await Engine.Start(context, c),
            ],
            cancellationToken
        );
        var endpoints = await WithoutPasswords(
            new Endpoints(postgres!, rabbitMq!, docker!, context.Secrets),
            given.Postgres,
            given.RabbitMq,
            cancellationToken
        );
        var engine = await Engine.Require(endpoints.Docker, cancellationToken);

        var database = new NpgsqlConnectionStringBuilder(endpoints.Postgres);
        context.Say($"PostgreSQL  {database.Host}:{database.Port}, {Whose(given.Postgres)}");
        context.Say($"RabbitMQ    {new Uri(endpoints.RabbitMq).Authority}, {Whose(given.RabbitMq)}");
        context.Say($"Docker      {endpoints.Docker}, {Whose(given.Docker)}, engine {engine.Version}");
        return endpoints with { DockerRoot = engine.RootDirectory };
    }

    static string[] Missing(GivenAddresses given)
    {
        (string Package, bool IsMissing)[] needed =
        [
            ("postgresql", given.Postgres is null && Postgres.FindPrograms() is null),
            ("rabbitmq-server", given.RabbitMq is null && RabbitMq.FindProgram() is null),
            ("docker.io", given.Docker is null && Machine.Find("dockerd") is null),
        ];
        return [.. needed.Where(n => n.IsMissing).Select(n => n.Package)];
    }

    static string Whose(string? given) => given is null ? "private" : "yours";

    static string? Given(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    /// <summary>Only root can start an engine of its own; others use the machine's, if they may.</summary>
    static string? SharedEngine() =>
        Machine.IsRoot ? null
        : File.Exists("/var/run/docker.sock") ? "unix:///var/run/docker.sock"
        : throw new ProblemException(
            "A Docker engine is needed, and only root can start a private one. Start Docker (sudo apt-get install "
                + "docker.io), or name an engine with DOCKER_HOST."
        );

    /// <summary>
    /// Takes the passwords out of addresses given by the user; they become secrets of their own among the others.
    /// </summary>
    /// <exception cref="ProblemException">Nobody answers there, refuses the login, or is too old.</exception>
    public static async Task<Endpoints> WithoutPasswords(
        Endpoints found,
        string? givenPostgres,
        string? givenRabbitMq,
        CancellationToken cancellationToken
    )
    {
        if (givenPostgres is not null)
        {
            await Postgres.Require(givenPostgres, cancellationToken);
            var address = new NpgsqlConnectionStringBuilder(givenPostgres);
            found.Secrets.Set(Secrets.GivenPostgresPassword, address.Password ?? "");
            address.Remove("Password");
            found = found with { Postgres = address.ConnectionString, PostgresSecret = Secrets.GivenPostgresPassword };
        }
        if (givenRabbitMq is not null)
        {
            var address = await Amqp.Require(givenRabbitMq, cancellationToken);
            found.Secrets.Set(Secrets.GivenRabbitMqPassword, address.Password);
            found = found with { RabbitMq = address.WithoutPassword, RabbitMqSecret = Secrets.GivenRabbitMqPassword };
        }
        return found;
    }

    /// <summary>Addresses from the user's environment; null where a private instance is wanted.</summary>
    sealed record GivenAddresses(string? Postgres, string? RabbitMq, string? Docker);
}
