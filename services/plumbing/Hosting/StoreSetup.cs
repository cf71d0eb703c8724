using JasperFx;
using JasperFx.Events;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;
using Npgsql;
using Weasel.Core;

namespace Nightshift.Plumbing.Hosting;

/// <summary>Marten as every service uses it: one schema per service, streams with string ids.</summary>
static class StoreSetup
{
    /// <summary>How long a hole in the event sequence may hold up the relay before it is proven dead.</summary>
    static readonly TimeSpan StaleSequence = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// How long a hole may hold up the relay when it cannot be proven dead. A crash of PostgreSQL leaves holes, and the
    /// leaders' lock transactions of all services look like writers that may still fill them, for ever. No command of
    /// ours outlives its timeout of 30 s, so after this nobody can.
    /// </summary>
    static readonly TimeSpan DeadSequence = TimeSpan.FromSeconds(45);

    /// <summary>
    /// The daemon is woken by commits of its own process; this period only covers commits of other instances.
    /// </summary>
    static readonly TimeSpan SafetyPollPeriod = TimeSpan.FromSeconds(1);

    public static NpgsqlDataSource Connect(string connectionString, string password, string application) =>
        new NpgsqlDataSourceBuilder(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                Password = password,
                ApplicationName = $"nightshift-{application}",
            }.ConnectionString
        ).Build();

    public static Func<IServiceProvider, StoreOptions> Configure(
        string schema,
        NpgsqlDataSource database,
        IReadOnlyList<Action<StoreOptions>> further
    ) =>
        services =>
        {
            var options = new StoreOptions();
            options.Connection(database);
            options.DatabaseSchemaName = schema;
            // looking at the schema on every start is slow; Run migrates when asked to
            options.AutoCreateSchemaObjects = AutoCreate.None;
            options.UseSystemTextJsonForSerialization(EnumStorage.AsString, Casing.CamelCase, x => Json.Apply(x));
            options.Storage.ExtendedSchemaObjects.Add(TimerTable.Schema(schema));
            options.Storage.ExtendedSchemaObjects.Add(SnapshotTable.Schema(schema));
            options.Storage.ExtendedSchemaObjects.Add(RetentionTable.Schema(schema));

            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
            // a lost race must not leave a hole in the sequence
            options.Events.UseExclusiveLockOnConcurrentAppends = true;
            // the other kinds of lock need the patched assembly (Directory.Build.props)
            options.Events.UseAdvisoryLockTransaction = true;
            options.Events.EnableEventTypeIndex = true;
            options.Events.MetadataConfig.HeadersEnabled = true;

            options.Listeners.Add(services.GetRequiredService<AfterCommitRelay>());
            options.Listeners.Add(services.GetRequiredService<CommitSignals>());
            options.Listeners.Add(services.GetRequiredService<TimerSignal>());
            options.Projections.Wakeup = services.GetRequiredService<DaemonWakeup>();
            options.Projections.StaleSequenceThreshold = StaleSequence;
            options.Projections.SkipStaleGapsDespiteLiveTransactionsAfter = DeadSequence;
            options.Projections.FastPollingTime = SafetyPollPeriod;
            options.Projections.SlowPollingTime = SafetyPollPeriod;
            AddRelay(options, services);
            foreach (var configure in further)
                configure(options);
            return options;
        };

    static void AddRelay(StoreOptions options, IServiceProvider services)
    {
        var told = services.GetRequiredService<OutgoingMap>().EventTypes;
        if (told.Count == 0)
            return;
        options.Events.Subscribe(
            services.GetRequiredService<RelaySubscription>(),
            x =>
            {
                x.Name = RelayGap.SubscriptionName;
                x.IncludeArchivedEvents = true;
                foreach (var type in told)
                    x.IncludeType(type);
            }
        );
    }
}
