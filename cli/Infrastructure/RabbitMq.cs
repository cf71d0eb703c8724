using System.Globalization;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Infrastructure;

/// <summary>The private RabbitMQ node, with a port mapper of its own so that no other Erlang node is touched.</summary>
public static class RabbitMq
{
    public const string Part = "rabbitmq",
        PortMapper = "epmd";

    // the script in PATH insists on its own user switching and log paths
    const string Packaged = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    // An update of the package may have taken away what the links lead to.
    const string Launch = """
        if [ -x "$1" ]; then program=$1; else program=$2; fi
        shift 2
        exec "$program" "$@"
        """;

    static string Arranged(Confined place) => Path.Combine(place.Inside, "server", "sbin", Path.GetFileName(Packaged));

    public static string? FindProgram() => File.Exists(Packaged) ? Packaged : Machine.Find("rabbitmq-server");

    /// <returns>The AMQP address without password.</returns>
    /// <exception cref="ProblemException">The node does not start.</exception>
    public static async Task<string> Start(InfrastructureContext context, CancellationToken cancellationToken)
    {
        var place = new Confined("rabbitmq", Path.Combine(context.Home.Root, "rabbitmq"), "/var/lib/rabbitmq");
        await place.Prepare(cancellationToken);
        var (port, password) = (context.Ports[Part], context.Secrets.Get(Secrets.RabbitMqPassword));
        var program = FindProgram() ?? "rabbitmq-server";
        if (PartProcess.Running(context.Home, Part) is null)
        {
            RabbitMqServer.Arrange(program, Path.Combine(place.Data, "server"));
            await place.Write("rabbitmq.conf", Configuration(port, password), cancellationToken);
            await place.Write("enabled_plugins", "[].\n", cancellationToken);
            if (!File.Exists(Path.Combine(place.Data, ".erlang.cookie")))
                await place.Write(".erlang.cookie", Secrets.Random(), cancellationToken);
        }

        var environment = Environment(context.Home, context.Ports, place);
        await context.Supervisor.Start(
            new Part(
                PortMapper,
                place.Command(Machine.Find("epmd") ?? "epmd"),
                c => Amqp.Listens(context.Ports["rabbitmq-epmd"], c)
            )
            {
                Ports = [context.Ports["rabbitmq-epmd"]],
                Environment = environment,
                Outlives = true,
            },
            cancellationToken
        );
        await context.Supervisor.Start(
            new Part(
                Part,
                place.Command("sh", "-c", Launch, "sh", Arranged(place), program, "-noinput"),
                c => Amqp.Answers("127.0.0.1", port, "nightshift", password, c)
            )
            {
                Ports = [port, context.Ports["rabbitmq-distribution"]],
                Environment = environment,
                Outlives = true,
                Grace = TimeSpan.FromSeconds(30),
                Liveness = LivenessProbe.Patient(c => Amqp.IsAlive(port, c)),
            },
            cancellationToken
        );
        return string.Create(CultureInfo.InvariantCulture, $"amqp://nightshift@127.0.0.1:{port}/");
    }

    // The first start creates this user in place of the usual guest.
    static string Configuration(int port, string password) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            listeners.tcp.default = 127.0.0.1:{port}
            default_user = nightshift
            default_pass = {password}
            default_permissions.configure = .*
            default_permissions.read = .*
            default_permissions.write = .*
            log.console = false
            log.file = rabbitmq.log
            log.file.level = warning
            log.file.rotation.size = 10485760
            log.file.rotation.count = 2
            vm_memory_high_watermark.relative = 0.3
            disk_free_limit.absolute = 200MB
            collect_statistics_interval = 30000

            """
        );

    static Dictionary<string, string?> Environment(Home home, IReadOnlyDictionary<string, int> ports, Confined place) =>
        new()
        {
            ["HOME"] = place.Inside,
            ["RABBITMQ_BASE"] = place.Inside,
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(place.Inside, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(place.Inside, "log"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(place.Inside, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(place.Inside, "enabled_plugins"),
            // the machine's own settings must not reach this node
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(place.Inside, "none"),
            ["RABBITMQ_NODENAME"] = $"nightshift-{Path.GetFileName(home.Runtime)}@localhost",
            ["RABBITMQ_DIST_PORT"] = ports["rabbitmq-distribution"].ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = ports["rabbitmq-epmd"].ToString(CultureInfo.InvariantCulture),
            // Idle schedulers sleep instead of spinning: on two cores the spinning would be the services' time.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
                "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
            ["RABBITMQ_ALLOW_INPUT"] = "1", // the script becomes the node instead of staying as its parent
        };
}
