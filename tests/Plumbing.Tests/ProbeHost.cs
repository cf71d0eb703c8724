using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Streams;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Plumbing.Tests;

/// <summary>The probe service in this process.</summary>
static class ProbeHost
{
    /// <summary>TestInfrastructure in which nothing is heard of what an earlier test published.</summary>
    public static async Task<TestInfrastructure> TestInfrastructure(string name, CancellationToken cancellationToken)
    {
        var infrastructure = await Testing.TestInfrastructure.Prepare(name, cancellationToken);
        await infrastructure.DeleteQueue("probe-number-counted", cancellationToken);
        return infrastructure;
    }

    public static async Task<RunningService> Start(
        TestInfrastructure infrastructure,
        CancellationToken cancellationToken,
        params string[] settings
    ) =>
        await RunningService.Start(
            await ProbeService.Build(infrastructure.Arguments(settings)),
            Role.Admin,
            cancellationToken
        );

    /// <summary>Appends beside the service, as an instance that dies right after its commit.</summary>
    public static async Task Append(NpgsqlDataSource database, string stream, int number)
    {
        await using var connection = await database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await Append(connection, stream, number);
    }

    /// <summary>The same in the connection's transaction.</summary>
    public static async Task Append(NpgsqlConnection connection, string stream, int number)
    {
        await using var append = new NpgsqlCommand(
            """
            select probe.mt_quick_append_events(@stream, null, '*DEFAULT*', array[gen_random_uuid()],
                array['counted'], array['Nightshift.Plumbing.Probe.Counted, Nightshift.Plumbing.Probe'],
                array[@body::jsonb], array[null::bytea], array['{}'::jsonb], array[now()], 0)
            """,
            connection
        );
        append.Parameters.AddWithValue("stream", stream);
        append.Parameters.AddWithValue("body", $$"""{"number":{{number}},"at":"2026-03-01T09:00:00+00:00"}""");
        await append.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    extension(RunningService host)
    {
        public StreamStore<Tally> Tallies => host.Get<StreamStore<Tally>>();

        public Task Heard(string tally, int count, CancellationToken cancellationToken) =>
            Eventually.Is(
                async token =>
                    (await host.Get<StreamStore<Heard>>().Load($"tally-{tally}", token)).State.Numbers.Count >= count,
                $"{count} numbers of {tally} to be heard",
                cancellationToken
            );
    }
}
