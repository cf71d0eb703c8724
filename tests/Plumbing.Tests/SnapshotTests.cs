using Nightshift.Plumbing.Probe;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Plumbing.Tests;

/// <summary>A long stream loads from its snapshot and the events behind it.</summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test tells
public sealed class SnapshotTests
{
    const int Events = 250;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_snapshot_holds_is_not_read_again_and_the_stream_goes_on_from_there()
    {
        using var infrastructure = await WithLongStream("snapshot");
        // whoever still read these would miss them
        await Execute(infrastructure, "delete from probe.mt_events where stream_id = 'tally-t' and version <= 100");

        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        var (state, version) = await host.Tallies.Load("t", Cancelled);
        Assert.Equal((Events, Events), (state.Numbers.Count, version));
        var next = await Count(host, Events + 1);
        Assert.Equal((Events + 1, Events + 1), (next.Version, next.State.Numbers.Count));
        Assert.Empty((await Count(host, 1)).Events);
    }

    [Theory]
    [InlineData("update probe.stream_snapshot set code = 'another build'")]
    [InlineData("update probe.stream_snapshot set state = convert_to('{\"numbers\": 7', 'UTF8')")]
    [InlineData("update probe.stream_snapshot set state = convert_to('null', 'UTF8')")]
    [InlineData("delete from probe.stream_snapshot")]
    public async Task A_snapshot_of_other_code_or_without_sense_is_passed_over_and_replaced(string spoil)
    {
        using var infrastructure = await WithLongStream("spoilt");
        await Execute(infrastructure, spoil);

        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        Assert.Equal(Events, (await host.Tallies.Load("t", Cancelled)).State.Numbers.Count);
        Assert.Equal(Events + 1, (await Count(host, Events + 1)).State.Numbers.Count);
        await Execute(infrastructure, "delete from probe.mt_events where stream_id = 'tally-t' and version <= 100");
        Assert.Equal(Events + 1, (await host.Tallies.Load("t", Cancelled)).State.Numbers.Count);
    }

    [Fact]
    public async Task A_stream_that_was_deleted_begins_anew_for_an_instance_that_remembers_it()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("deleted", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await Count(host, 7);
        await Execute(
            infrastructure,
            "delete from probe.mt_events where stream_id = 'tally-t'; delete from probe.mt_streams where id = 'tally-t'"
        );

        var again = await Count(host, 7);

        Assert.Equal((1, 1), (again.Events.Count, again.Version));
    }

    static async Task<TestInfrastructure> WithLongStream(string name)
    {
        var infrastructure = await ProbeHost.TestInfrastructure(name, Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await Task.WhenAll(Enumerable.Range(1, Events).Select(x => Count(host, x)));
        return infrastructure;
    }

    static Task<Streams.Committed<Tally>> Count(RunningService host, int number) =>
        host.Tallies.Transact("t", x => Tally.Count(x, number, DateTimeOffset.UnixEpoch), Cancelled);

    static async Task Execute(TestInfrastructure infrastructure, string sql)
    {
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var command = database.CreateCommand(sql);
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync(Cancelled));
    }
}
