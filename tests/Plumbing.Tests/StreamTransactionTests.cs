using Marten;
using Nightshift.Plumbing.Probe;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Plumbing.Tests;

/// <summary>Events are appended by Marten's function, beside Marten's session.</summary>
[Collection("one broker, one queue")]
public sealed class StreamTransactionTests
{
    // All columns but those that differ between any two events.
    const string Stored = """
        select (to_jsonb(e) - 'id' - 'seq_id' - 'stream_id' - 'timestamp')::text
            || (to_jsonb(s) - 'id' - 'timestamp' - 'created')::text
        from probe.mt_events e join probe.mt_streams s on s.id = e.stream_id
        where e.stream_id = $1 order by e.version
        """;

    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_is_stored_as_Marten_stores_it()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("append", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await host.Tallies.Transact("ours", _ => [new Counted(1, T0), new Counted(2, T0)], Cancelled);
        await host.Tallies.Transact("ours", _ => [new Counted(3, T0)], Cancelled);

        await using var session = host.Get<IDocumentStore>().LightweightSession();
        session.Events.Append("tally-theirs", new Counted(1, T0), new Counted(2, T0));
        await session.SaveChangesAsync(Cancelled);
        session.Events.Append("tally-theirs", new Counted(3, T0));
        await session.SaveChangesAsync(Cancelled);

        var ours = await Rows(host, "tally-ours");
        Assert.Equal(3, ours.Count);
        Assert.Equal(await Rows(host, "tally-theirs"), ours);
        Assert.Equal([1, 2, 3], (await host.Tallies.Load("theirs", Cancelled)).State.Numbers);
    }

    [Fact]
    public async Task A_row_that_cannot_be_written_takes_the_events_with_it()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("atonce", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);

        await Assert.ThrowsAsync<PostgresException>(() =>
            host.Tallies.Transact("t", _ => [new Counted(1, T0)], Cancelled, () => [new("select 1 / ?", 0)])
        );

        Assert.Equal(0, (await host.Tallies.Load("t", Cancelled)).Version);
    }

    static async Task<IReadOnlyList<string>> Rows(RunningService host, string streamId)
    {
        await using var command = host.Get<NpgsqlDataSource>().CreateCommand(Stored);
        command.Parameters.Add(new() { Value = streamId });
        await using var rows = await command.ExecuteReaderAsync(Cancelled);
        var stored = new List<string>();
        while (await rows.ReadAsync(Cancelled))
            stored.Add(rows.GetString(0));
        return stored;
    }
}
