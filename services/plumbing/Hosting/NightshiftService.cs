using System.Text;
using JasperFx;
using Marten;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Messages;
using Nightshift.Plumbing.Partitions;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Replay;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Secrets;
using Nightshift.Plumbing.Status;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Telemetry;
using Nightshift.Plumbing.Timers;
using Npgsql;

namespace Nightshift.Plumbing.Hosting;

/// <summary>
/// One service: its streams, what it publishes, what it listens to. Everything the services have in common is wired
/// here and nowhere else.
/// </summary>
public sealed class NightshiftService
{
    readonly WebApplicationBuilder builder;
    readonly string name;
    readonly NightshiftOptions options;
    readonly byte[] gatewayKey;
    readonly Installation installation;
    readonly NpgsqlDataSource database;
    readonly RelayDatabase relayDatabase;
    readonly string rabbitPassword;
    readonly List<Action<StoreOptions>> store = [];
    readonly List<Action<IBusRegistrationConfigurator>> bus = [];

    readonly List<Action<IServiceCollection>> background = [];

    NightshiftService(
        WebApplicationBuilder builder,
        string name,
        NightshiftOptions options,
        byte[] gatewayKey,
        NpgsqlDataSource database,
        RelayDatabase relayDatabase,
        string rabbitPassword
    )
    {
        (this.builder, this.name, this.options) = (builder, name, options);
        installation = new(options.Installation);
        (this.gatewayKey, this.database, this.rabbitPassword) = (gatewayKey, database, rabbitPassword);
        this.relayDatabase = relayDatabase;
        Values = new(name, database);
    }

    /// <summary>The service's own registrations.</summary>
    public IServiceCollection Services => builder.Services;

    /// <summary>The service's settings.</summary>
    public IConfiguration Configuration => builder.Configuration;

    /// <summary>Which committed events are published to others.</summary>
    public OutgoingMap Outgoing { get; } = new();

    /// <summary>The database.</summary>
    public NpgsqlDataSource Database => database;

    /// <summary>The values that are stored beside the service's streams.</summary>
    public StreamValueTable Values { get; }

    /// <summary>Which committed events show as recent actions on the status page.</summary>
    public ActionWords Actions { get; } = new();

    /// <summary>Begins a service.</summary>
    /// <param name="name">Its name: database schema and prefix of its queues.</param>
    /// <param name="args">Command line; <c>--Nightshift:Postgres=…</c> overrides the environment.</param>
    /// <exception cref="OptionsValidationException">Settings, or a secret it cannot do without, are missing or wrong;
    /// the message lists all of them.</exception>
    public static async Task<NightshiftService> Create(string name, string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddTelemetry(name);
        builder.WebHost.ConfigureKestrel(WebServer.Configure);
        var options = builder.Configuration.GetSection("Nightshift").Get<NightshiftOptions>() ?? new();
        builder
            .Services.AddOptions<NightshiftOptions>()
            .BindConfiguration("Nightshift")
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<SecretStore>().AddSingleton(TimeProvider.System);
        OptionsCheck.Require(options);

        var secrets = new SecretStore(Options.Create(options), TimeProvider.System);
        var key = Encoding.UTF8.GetBytes(await secrets.Require("gateway-key", CancellationToken.None));
        var postgresPassword = await secrets.Require(options.PostgresSecret, CancellationToken.None);
        return new NightshiftService(
            builder,
            name,
            options,
            key,
            StoreSetup.Connect(options.Postgres, postgresPassword, name),
            StoreSetup.ConnectRelay(options.Postgres, postgresPassword, name),
            await secrets.Require(options.RabbitMqSecret, CancellationToken.None)
        );
    }

    /// <summary>Adds one kind of stream: its events, its store, its replay.</summary>
    public NightshiftService AddStream<TState>(StreamDefinition<TState> definition)
        where TState : class
    {
        Services
            .AddSingleton(definition)
            .AddSingleton<StreamDefinition>(definition)
            .AddSingleton<StreamStore<TState>>();
        store.Add(x =>
            x.Events.AddEventTypes(
                definition
                    .EventBase.Assembly.GetTypes()
                    .Where(t => t.IsSubclassOf(definition.EventBase) && !t.IsAbstract)
            )
        );
        return this;
    }

    /// <summary>Adds the handler for timers of one kind of stream.</summary>
    public NightshiftService AddTimers<THandler>()
        where THandler : class, ITimerHandler
    {
        Services.AddSingleton<ITimerHandler, THandler>();
        return this;
    }

    /// <summary>Removes ended streams of one kind when they are old.</summary>
    /// <exception cref="OptionsValidationException">Their period is set to what is none.</exception>
    public NightshiftService Retain(StreamRetention what)
    {
        var period = what.Period.Read(Configuration);
        Services.AddSingleton<IRetainedKind>(x => new RetainedStreams(
            what,
            period,
            name,
            x.GetRequiredService<IDocumentStore>(),
            database,
            x.GetRequiredService<TimeProvider>()
        ));
        return this;
    }

    /// <summary>Creates the weeks of a partitioned table ahead, and drops those that are old.</summary>
    /// <param name="name">What its rows are called: <c>logs</c>.</param>
    /// <param name="table">The table; its schema object is added by <see cref="Store"/>.</param>
    /// <param name="kept">How long they are kept.</param>
    /// <param name="keptWhile">As in <see cref="WeeklyPartitions"/>.</param>
    /// <exception cref="OptionsValidationException">The period is set to what is none.</exception>
    public NightshiftService Retain(string name, WeeklyTable table, RetentionPeriod kept, string keptWhile)
    {
        var period = kept.Read(Configuration);
        Services.AddSingleton(table);
        Services.AddSingleton<IRetainedKind>(x => new RetainedWeeks(
            name,
            kept.Setting,
            period,
            table,
            new(table, keptWhile, database),
            database,
            x.GetRequiredService<ILogger<RetainedWeeks>>()
        ));
        return AddBackground<PartitionCreation>();
    }

    /// <summary>Adds projections, documents and further tables.</summary>
    public NightshiftService Store(Action<StoreOptions> configure)
    {
        store.Add(configure);
        return this;
    }

    /// <summary>Adds consumers. Their queues are named <c>{service}-{consumer}</c>.</summary>
    public NightshiftService Bus(Action<IBusRegistrationConfigurator> configure)
    {
        bus.Add(configure);
        return this;
    }

    /// <summary>Adds work that runs as long as the service; it starts after the bus and the relay.</summary>
    /// <param name="find">Where to find it, when others use it too; null makes it.</param>
    public NightshiftService AddBackground<T>(Func<IServiceProvider, T>? find = null)
        where T : class, IHostedService
    {
        background.Add(x => _ = find is null ? x.AddHostedService<T>() : x.AddHostedService(find));
        return this;
    }

    /// <summary>Finishes the wiring. The caller maps its endpoints and calls <see cref="Run"/>.</summary>
    public WebApplication Build()
    {
        AddInfrastructure();
        Services
            .AddSingleton(Outgoing)
            .AddSingleton(Actions)
            .AddSingleton<ActionLog>()
            .AddSingleton<IEventPublisher, BusEventPublisher>()
            .AddSingleton<RowList>()
            .AddSingleton<StreamReplay>();
        Services.AddRelay(name, database, relayDatabase);
        Services
            .AddSingleton<CommitSignals>()
            .AddSingleton<ICommitListener>(x => x.GetRequiredService<CommitSignals>())
            .AddSingleton<StreamTransaction>();
        Services.AddSingleton<TimerSignal>().AddSingleton<ServiceProblems>();
        Services.AddMessages(name, RabbitMqSetup.Factory(options, rabbitPassword, name), database);
        var givenUpKept = RetainedGivenUpMessages.Kept.Read(Configuration);
        Services.AddSingleton<IRetainedKind>(x => new RetainedGivenUpMessages(
            name,
            givenUpKept,
            x.GetRequiredService<ErrorQueues>(),
            x.GetRequiredService<UnpublishableEvents>(),
            database,
            x.GetRequiredService<ILogger<GivenUpMessages>>()
        ));
        Services.AddSingleton(x => new ProcessStart(x.GetRequiredService<TimeProvider>().GetUtcNow()));
        Services.AddGatewayAuthorization(gatewayKey);
        Services
            .AddProblemDetails()
            .ConfigureHttpJsonOptions(x =>
            {
                Json.Apply(x.SerializerOptions).Converters.Add(new StorableText());
                x.SerializerOptions.Converters.Add(new StorableJson());
            });
        // Problems says what was wrong with the request
        Services.Configure<RouteHandlerOptions>(x => x.ThrowOnBadRequest = true);

        var app = builder.Build();
        // Made first, closed last: what is still written while the rest is disposed needs it.
        app.Services.GetRequiredService<NpgsqlDataSource>();
        app.Services.GetRequiredService<ProcessStart>();
        app.UseProblems();
        app.UseAuthentication();
        app.UseAuthorization();
        MapProbe(app, "/readyz", x => x.Tags.Contains("ready"));
        MapProbe(app, "/healthz", x => x.Name == "progress");
        // Alive means that the process answers; no dependency is asked, since a restart would not bring it back.
        MapProbe(app, "/livez", _ => false);
        app.MapPrometheusScrapingEndpoint("/metrics").RequireRole(Role.Viewer);
        app.MapReplay();
        app.MapMessages(name);
        app.MapRetention(name);
        app.MapStatus();
        return app;
    }

    static void MapProbe(WebApplication app, string path, Func<HealthCheckRegistration, bool> checks) =>
        app.MapHealthChecks(path, new() { Predicate = checks, ResponseWriter = HealthResponse.Write }).AllowAnonymous();

    /// <summary>
    /// The whole of a service's program. Settings it cannot start with are said in sentences, without a trace.
    /// </summary>
    /// <param name="build">Puts the service together from the command line.</param>
    /// <param name="args">Command line.</param>
    /// <returns>The exit code: 0 after a stop that was asked for, 78 when settings are wrong.</returns>
    public static async Task<int> Main(Func<string[], Task<WebApplication>> build, string[] args)
    {
        try
        {
            await Run(await build(args));
            return 0;
        }
        catch (Exception e) when (WrongSettings.In(e) is { } mistakes)
        {
            foreach (var mistake in mistakes)
                await Console.Error.WriteLineAsync(mistake);
            await Console.Error.WriteLineAsync(
                "In settings.env and in the environment, write __ for each : of a setting's name."
            );
            return WrongSettings.ExitCode;
        }
    }

    /// <summary>
    /// Claims database and broker for the installation, applies the schema when asked to, then runs until told to stop.
    /// </summary>
    /// <exception cref="OptionsValidationException">The service must not run with its settings.</exception>
    public static async Task Run(WebApplication app)
    {
        // before the schema is touched; the host would log a trace
        app.Services.GetService<IStartupValidator>()?.Validate();
        if (app.Services.GetService<InstallationClaim>() is { } claim) // the gateway has neither database nor broker
            await claim.Take(CancellationToken.None);
        if (app.Services.GetRequiredService<IOptions<NightshiftOptions>>().Value.MigrateOnStart)
            await Migrate(app.Services);
        var mistake = app.Services.GetService<FatalMistake>(); // the run disposes of the services
        await app.RunAsync();
        mistake?.Throw();
    }

    static async Task Migrate(IServiceProvider services)
    {
        var database = services.GetRequiredService<NpgsqlDataSource>();
        var migrations = services.GetServices<DataMigration>().ToList();
        foreach (var migration in migrations)
            await DataMigration.Run(database, migration.Before, CancellationToken.None);
        await services
            .GetRequiredService<IDocumentStore>()
            .Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);
        foreach (var migration in migrations)
            await DataMigration.Run(database, migration.After, CancellationToken.None);
    }

    // Hosted services start in the order they are added: the bus first, so that queues are bound before the relay
    // publishes; then the relay, then the service's own.
    void AddInfrastructure()
    {
        Services.AddMassTransit(x =>
        {
            x.DisableUsageTelemetry();
            x.SetEndpointNameFormatter(installation.EndpointNames(name));
            foreach (var configure in bus)
                configure(x);
            x.UsingRabbitMq((context, rabbit) => rabbit.UseNightshift(context, options, rabbitPassword));
        });
        Services.AddOptions<MassTransitHostOptions>().Configure(x => x.WaitUntilStarted = true);

        Services.AddSingleton(installation).AddSingleton<FatalMistake>();
        Services.AddSingleton(x => new InstallationClaim(
            installation,
            options,
            gatewayKey,
            database,
            rabbitPassword,
            x.GetRequiredService<ILogger<InstallationClaim>>(),
            x.GetRequiredService<TimeProvider>()
        ));
        Services.AddSingleton(_ => database); // by a factory: the container closes its connections at the end
        Services.AddSingleton(x => new TimerTable(name, database, x.GetRequiredService<TimerSignal>()));
        Services.AddMarten(StoreSetup.Configure(name, database, store)).UseLightweightSessions();
        Services.AddSingleton(Values);
        Services.AddSingleton(x => new SnapshotTable(name, database, x.GetRequiredService<ILogger<SnapshotTable>>()));
        Services
            .AddHealthChecks()
            .AddCheck<ProgressHealthCheck>("progress")
            .AddCheck<DatabaseHealthCheck>("postgres", tags: ["ready"])
            .Add(
                new("consumers", x => x.GetRequiredService<QueueConsumers>(), HealthStatus.Unhealthy, tags: ["ready"])
            );
        Services.AddHostedService<SessionLimitsCheck>();
        Services.AddHostedService(x => x.GetRequiredService<QueueConsumers>());
        Services.AddHostedService<RelayService>();
        Services.AddHostedService(x => x.GetRequiredService<ConfirmationNotices>());
        Services.AddHostedService<TimerDispatcher>();
        Services.AddSingleton<RetentionSweep>().AddHostedService(x => x.GetRequiredService<RetentionSweep>());
        foreach (var add in background)
            add(Services);
    }
}
