using FsCheck.Fluent;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Relay;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Plumbing.Tests.Relay;

/// <summary>The same interleavings on a real PostgreSQL: that it keeps what the decisions on gaps rest on.</summary>
public sealed class RelayLogTests
{
    const int Interleavings = 6;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_event_is_lost_in_any_interleaving()
    {
        using var infrastructure = await TestInfrastructure.Prepare("relaylog", Cancelled);
        await Schema(infrastructure);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        var settings = new NpgsqlConnectionStringBuilder(infrastructure.Postgres.ConnectionString) { Pooling = false };
        await using var relay = new RelayDatabase("probe", NpgsqlDataSource.Create(settings));
        foreach (var interleaving in Interleaving.Any().Generator.Sample(Interleavings))
        {
            await Empty(database);
            await using var connection = await RelayConnection.Open(relay, _ => { }, Cancelled);
            await using var log = new Log(settings, database, connection);
            await new RelayScenario(log, log).Play(interleaving.Choices);
        }
    }

    static async Task Schema(TestInfrastructure infrastructure)
    {
        await using var app = await ProbeService.Build(infrastructure.Arguments());
        await app
            .Services.GetRequiredService<IDocumentStore>()
            .Storage.ApplyAllConfiguredChangesToDatabaseAsync(JasperFx.AutoCreate.CreateOrUpdate);
    }

    static async Task Empty(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(
            "truncate probe.mt_events, probe.mt_streams; alter sequence probe.mt_events_sequence restart"
        );
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    sealed class Log(NpgsqlConnectionStringBuilder settings, NpgsqlDataSource admin, RelayConnection relay)
        : IWriters,
            IPass,
            IAsyncDisposable
    {
        readonly Dictionary<int, (NpgsqlConnection Connection, List<long> Numbers)> open = [];

        public async Task Take(int writer)
        {
            if (!open.TryGetValue(writer, out var transaction))
                open[writer] = transaction = (await Begin(), []);
            await using var append = new NpgsqlCommand(
                """
                select unnest((probe.mt_quick_append_events(@stream, null, '*DEFAULT*', array[gen_random_uuid()],
                    array['counted'], array[''], array['{}'::jsonb], array[null::bytea], array['{}'::jsonb],
                    array[now()], 0))[2:])
                """,
                transaction.Connection
            );
            append.Parameters.AddWithValue("stream", Guid.NewGuid().ToString());
            transaction.Numbers.Add((long)(await append.ExecuteScalarAsync(Cancelled))!);
        }

        public async Task<IReadOnlyList<long>> Commit(int writer)
        {
            if (!open.Remove(writer, out var transaction))
                return [];
            await using (transaction.Connection)
                await Execute(transaction.Connection, "commit");
            return transaction.Numbers;
        }

        public async Task Abort(int writer)
        {
            if (!open.Remove(writer, out var transaction))
                return;
            await using (transaction.Connection)
                await Execute(transaction.Connection, "rollback");
        }

        public async Task Kill(int writer)
        {
            if (!open.Remove(writer, out var transaction))
                return;
            await using var command = admin.CreateCommand("select pg_terminate_backend(@pid, 10000)");
            command.Parameters.AddWithValue("pid", transaction.Connection.ProcessID);
            Assert.Equal(true, await command.ExecuteScalarAsync(Cancelled));
            await transaction.Connection.DisposeAsync();
        }

        public async Task<bool> Step(RelayProgress progress)
        {
            var page = await relay.Read(progress.Gaps, progress.Scanned, limit: 3, Cancelled);
            progress.Observe(page.Writers, [.. page.InGaps.Select(Entry)], [.. page.Above.Select(Entry)]);
            return true;
        }

        public void Restart() { }

        public async ValueTask DisposeAsync()
        {
            foreach (var (connection, _) in open.Values)
                await connection.DisposeAsync();
        }

        async Task<NpgsqlConnection> Begin()
        {
            var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(Cancelled);
            await Execute(connection, "begin");
            return connection;
        }

        static LogEntry Entry(ScannedEvent e) => new(e.Sequence, Published: false);

        static async Task Execute(NpgsqlConnection connection, string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(Cancelled);
        }
    }
}
