using System.Text;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Probe;
using Nightshift.Testing;
using Npgsql;
using RabbitMQ.Client;

namespace Nightshift.Plumbing.Tests.Installations;

/// <summary>Two installations on one server, on real servers.</summary>
public sealed class InstallationClaimTests : IAsyncLifetime
{
    readonly string id = $"t{Guid.NewGuid().ToString("N")[..8]}";
    readonly List<TestInfrastructure> prepared = [];

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        foreach (var infrastructure in prepared)
        {
            await Forget(infrastructure);
            infrastructure.Dispose();
        }
    }

    [Fact]
    public async Task Messages_stay_within_their_installation()
    {
        await using var ours = await ProbeHost.Start(await Prepare($"{id}-a"), Cancelled);
        await using var theirs = await ProbeHost.Start(await Prepare($"{id}-b"), Cancelled);
        for (var number = 1; number <= 20; number++)
            await ours.Tallies.Transact("x", x => Tally.Count(x, number, TimeProvider.System.GetUtcNow()), Cancelled);

        await ours.Heard("x", 20, Cancelled);

        Assert.Empty(theirs.Get<MessageRecorder>().Heard);
    }

    [Fact]
    public async Task A_database_of_another_installation_is_refused()
    {
        var infrastructure = await Prepare(id);
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            ProbeHost.Start(infrastructure, Cancelled, "--Nightshift:Installation=other")
        );
        Assert.Contains($"set Nightshift:Installation to {id}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_an_older_version_is_refused()
    {
        var infrastructure = await Prepare(id);
        await Execute(infrastructure, "update nightshift.installation set format = 1");
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            ProbeHost.Start(infrastructure, Cancelled)
        );
        Assert.Contains("was written by an older Nightshift (format 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_with_streams_but_without_a_stamp_is_refused_and_left_as_it_is()
    {
        var infrastructure = await Prepare(id);
        await Execute(
            infrastructure,
            "drop schema nightshift cascade; create schema scheduler; create table scheduler.mt_events (seq_id bigint)"
        );
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            ProbeHost.Start(infrastructure, Cancelled)
        );
        Assert.Contains("Start with an empty one", refused.Message, StringComparison.Ordinal);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        Assert.Null(await InstallationStamp.Read(database, Cancelled));
    }

    [Fact]
    public async Task A_database_that_was_never_prepared_is_refused_by_a_service_that_may_not_prepare_it()
    {
        var infrastructure = await Prepare(id);
        await Execute(infrastructure, "drop schema nightshift cascade");
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            ProbeHost.Start(infrastructure, Cancelled, "--Nightshift:MigrateOnStart=false")
        );
        Assert.Contains("not prepared at all", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_that_start_together_on_an_empty_database_agree_on_one_stamp()
    {
        var infrastructure = await Prepare(id);
        await Execute(infrastructure, "drop schema nightshift cascade");
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);

        var stamps = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => InstallationStamp.Ensure(database, id, Guid.NewGuid(), Cancelled))
        );

        Assert.Single(stamps.Distinct());
        Assert.Equal((id, InstallationStamp.CurrentFormat), (stamps[0]!.Id, stamps[0]!.Format));
    }

    [Fact]
    public async Task A_second_installation_with_the_same_id_is_refused_by_the_broker()
    {
        var (first, second) = (await Prepare(id), await Prepare(id));
        await Execute(second, "update nightshift.installation set token = gen_random_uuid()");
        await using var running = await ProbeHost.Start(first, Cancelled);
        await using (await ProbeHost.Start(first, Cancelled)) { } // a second instance of the same one is welcome

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => ProbeHost.Start(second, Cancelled));

        Assert.Contains(
            $"serves another installation that is called '{id}' too",
            refused.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("Set Nightshift:Installation to another name", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_was_dropped_finds_its_claims_again()
    {
        var infrastructure = await Prepare(id);
        await using (await ProbeHost.Start(infrastructure, Cancelled)) { }
        await Execute(infrastructure, "drop schema nightshift cascade; drop schema probe cascade");
        await using (await ProbeHost.Start(infrastructure, Cancelled)) { }
    }

    [Fact]
    public async Task A_mistake_found_while_the_service_runs_ends_it_like_one_found_before()
    {
        await using var app = await ProbeService.Build((await Prepare(id)).Arguments());
        app.Lifetime.ApplicationStarted.Register(() =>
            ((FatalMistake)app.Services.GetService(typeof(FatalMistake))!).End("Nightshift:X is wrong")
        );
        var ended = await Assert.ThrowsAsync<OptionsValidationException>(() => NightshiftService.Run(app));
        Assert.Equal(["Nightshift:X is wrong"], ended.Failures);
    }

    async Task<TestInfrastructure> Prepare(string installation)
    {
        var infrastructure = await TestInfrastructure.Prepare("installation", Cancelled, installation);
        prepared.Add(infrastructure);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        var token = Installation.TokenFrom(Encoding.UTF8.GetBytes(TestInfrastructure.GatewayKey));
        await InstallationStamp.Ensure(database, installation, token, Cancelled);
        return infrastructure;
    }

    static async Task Execute(TestInfrastructure infrastructure, string sql)
    {
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    // The broker is shared by all tests: nothing with an id of its own stays there.
    async Task Forget(TestInfrastructure infrastructure)
    {
        await using var connection = await new ConnectionFactory
        {
            Uri = infrastructure.RabbitMq,
        }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var prefix in new[] { id, $"{id}-a", $"{id}-b" })
        {
            await channel.QueueDeleteAsync($"{prefix}.probe-number-counted");
            foreach (
                var exchange in new[]
                {
                    "nightshift-installation",
                    "probe-number-counted",
                    "Nightshift.Plumbing.Probe:NumberCounted",
                }
            )
                await channel.ExchangeDeleteAsync($"{prefix}.{exchange}");
        }
    }
}
