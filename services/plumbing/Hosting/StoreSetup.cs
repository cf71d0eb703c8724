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
    /// <summary>
    /// Limits the server puts on our sessions, so that nothing of ours holds locks for long. Nothing rests on them. No
    /// command of ours takes longer: a client gives up after 30 s.
    /// </summary>
    public static IReadOnlyDictionary<string, string> SessionLimits { get; } =
        new Dictionary<string, string>
        {
            ["statement_timeout"] = "2min",
            ["idle_in_transaction_session_timeout"] = "1min",
        };

    /// <summary>The pool that everything but the relay's loop uses.</summary>
    public static NpgsqlDataSource Connect(string connectionString, string password, string application)
    {
        var settings = Settings(connectionString, password, application);
        // Planning costs more than executing for most of our statements. Nothing is left in a session that a reset
        // would have to remove: who listens or locks in one does not give it back.
        (settings.MaxAutoPrepare, settings.NoResetOnClose) = (100, true);
        settings.Options = string.Join(
                ' ',
                SessionLimits.Select(x => $"-c {x.Key}={x.Value}").Prepend(settings.Options ?? "")
            )
            .Trim();
        return NpgsqlDataSource.Create(settings);
    }

    /// <summary>The relay's own connection; see <see cref="RelayDatabase"/>.</summary>
    public static RelayDatabase ConnectRelay(string connectionString, string password, string application)
    {
        var settings = Settings(connectionString, password, $"{application}-relay");
        (settings.Pooling, settings.Timeout, settings.CommandTimeout) = (false, 5, 5);
        (settings.TcpKeepAlive, settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) = (true, 2, 1);
        return new(application, NpgsqlDataSource.Create(settings));
    }

    static NpgsqlConnectionStringBuilder Settings(string connectionString, string password, string application) =>
        new(connectionString) { Password = password, ApplicationName = $"nightshift-{application}" };

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
            options.Storage.ExtendedSchemaObjects.AddRange(RelayTables.Schema(schema));
            options.Storage.ExtendedSchemaObjects.Add(SnapshotTable.Schema(schema));
            options.Storage.ExtendedSchemaObjects.Add(StreamValueTable.Schema(schema));
            options.Storage.ExtendedSchemaObjects.Add(RetentionTable.Schema(schema));

            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
            // a lost race must not leave a gap in the sequence, which the relay's position would wait for
            options.Events.UseExclusiveLockOnConcurrentAppends = true;
            options.Events.EnableEventTypeIndex = true;
            options.Events.MetadataConfig.HeadersEnabled = true;

            options.Listeners.Add(new SessionCommits([.. services.GetServices<ICommitListener>()]));
            foreach (var configure in further)
                configure(options);
            return options;
        };
}
