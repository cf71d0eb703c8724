using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Replay;
using Nightshift.Plumbing.Retention;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Plumbing.Tests;

/// <summary>What is older than its period goes whole; what is open or young stays.</summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test tells
public sealed class RetentionTests
{
    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_ended_streams_go_with_all_that_belongs_to_them_and_leave_a_record()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("retain", Cancelled);
        await using var host = await RunningService.Start(
            await ProbeService.Build(infrastructure.Arguments()),
            Role.Admin,
            Cancelled
        );
        await Append(host, "old", new Counted(1, T0), new ReminderCame("x", T0));
        await Append(host, "open", new Counted(1, T0), new ReminderCame("x", T0), new Counted(2, T0));
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await Execute(database, "update probe.mt_events set timestamp = now() - interval '25 hours'");
        await Append(host, "young", new Counted(1, T0), new ReminderCame("x", T0));
        await Execute(
            database,
            """
            insert into probe.stream_snapshot values ('tally-old', 1, 'x', ''), ('tally-open', 1, 'x', '');
            insert into probe.timer (stream_id, purpose, due_at, token)
            values ('tally-old', 'x', now() + interval '1 day', gen_random_uuid())
            """
        );
        var events = await host.Read<ReplayStep[]>("/api/v2/streams/tally-old", Cancelled);

        using var dryRun = await host.Http.PostAsync("/api/v2/retention/probe/run?dryRun=true", null, Cancelled);
        Assert.Equal(HttpStatusCode.OK, dryRun.StatusCode);
        var expired = await dryRun.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal(
            ("tallies", 1),
            (expired[0].GetProperty("kind").GetString(), expired[0].GetProperty("expired").GetInt32())
        );
        Assert.True(await Exists(host, "old"));

        await Eventually.Is(
            async token =>
            {
                using var run = await host.Http.PostAsync("/api/v2/retention/probe/run", null, token);
                Assert.Equal(HttpStatusCode.Accepted, run.StatusCode);
                return !await Exists(host, "old");
            },
            "the old stream to go",
            Cancelled
        );
        Assert.Equal((true, true), (await Exists(host, "open"), await Exists(host, "young")));
        Assert.Equal(
            "0 0 1",
            await Execute(
                database,
                """
                select concat_ws(' ', (select count(*) from probe.mt_events where stream_id = 'tally-old'),
                  (select count(*) from probe.timer where stream_id = 'tally-old'),
                  (select count(*) from probe.stream_snapshot))
                """
            )
        );
        var ids = string.Join(',', events.Select(x => x.Id));
        Assert.Equal(
            $"tallies 1 2 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ids)))}",
            await Execute(
                database,
                "select string_agg(concat_ws(' ', kind, streams, events, digest), ';') from probe.retention_log"
            )
        );
        var shown = await host.Read<JsonElement>("/api/v2/retention/probe", Cancelled);
        Assert.Equal(
            ("Retention__Tallies", 1, 1),
            (
                shown[0].GetProperty("setting").GetString(),
                shown[0].GetProperty("periodDays").GetDouble(),
                shown[0].GetProperty("removed").GetInt32()
            )
        );
        // its id may be used again
        Assert.Single((await host.Tallies.Transact("old", x => Tally.Count(x, 1, T0), Cancelled)).Events);
    }

    // seq 1: uncommitted ── 2, 3: old and committed. The relay's position waits below 1.
    [Fact]
    public async Task Nothing_goes_while_events_as_old_as_the_period_are_not_known_to_be_published()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("unpublished", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        using var logged = new ListLogger();
        host.Get<ILoggerFactory>().AddProvider(logged);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var writer = await database.OpenConnectionAsync(Cancelled);
        await using (var open = await writer.BeginTransactionAsync(Cancelled))
        {
            await ProbeHost.Append(writer, "tally-open", 1);
            await Append(host, "old", new ReminderCame("x", T0));
            await Execute(database, "update probe.mt_events set timestamp = now() - interval '25 hours'");
            host.Get<RetentionSweep>().Ask();
            await Eventually.Is(
                _ =>
                    Task.FromResult(
                        logged.Lines.Any(x => x.StartsWith("No tallies are removed", StringComparison.Ordinal))
                    ),
                "retention to wait for the relay",
                Cancelled
            );
            Assert.True(await Exists(host, "old"));
            await open.RollbackAsync(Cancelled);
        }
        await Eventually.Is(
            async _ =>
            {
                host.Get<RetentionSweep>().Ask();
                return !await Exists(host, "old");
            },
            "the old stream to go when the relay is past it",
            Cancelled
        );
    }

    [Fact]
    public async Task What_has_no_period_of_its_own_is_shown_too()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("shown", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        var shown = await host.Read<RetainedKindBody[]>("/api/v2/retention/probe", Cancelled);
        Assert.Equal(
            [
                ("tallies", "Retention__Tallies", 1, "streams"),
                ("given-up messages", "Retention__GivenUpMessages", 30, "messages"),
                ("timers", null, null, "rows"),
                ("removals (retention_log)", null, null, "rows"),
            ],
            shown.Select(x => (x.Kind, x.Setting, (int?)x.PeriodDays, x.Unit))
        );
    }

    [Fact]
    public async Task Many_go_in_batches_and_only_an_admin_may_ask_for_it()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("batches", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await Task.WhenAll(Enumerable.Range(0, 250).Select(i => Append(host, $"t{i}", new ReminderCame("x", T0))));
        await Append(host, "open", new Counted(1, T0));
        var kind = host.Get<RetentionSweep>().Kinds.Single(x => x.Name == "tallies");
        var tomorrow = TimeProvider.System.GetUtcNow().AddDays(1);

        Assert.Equal(250, await kind.CountExpired(tomorrow, Cancelled));
        Assert.Equal(0, await kind.RemoveExpired(tomorrow.AddDays(-2), Cancelled));
        Assert.Equal(250, await kind.RemoveExpired(tomorrow, Cancelled));
        Assert.Equal(0, await kind.CountExpired(tomorrow, Cancelled));
        Assert.True(await Exists(host, "open"));

        host.Http.DefaultRequestHeaders.Remove(GatewayHeaders.Role);
        host.Http.DefaultRequestHeaders.Add(GatewayHeaders.Role, "operator");
        using var refused = await host.Http.PostAsync("/api/v2/retention/probe/run", null, Cancelled);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Theory]
    [InlineData(null, 90)]
    [InlineData("7.00:00:00", 7)]
    [InlineData("1", 1)]
    [InlineData("0", 0)]
    public void A_period_is_at_least_a_day_or_for_ever(string? setting, int days) =>
        Assert.Equal(TimeSpan.FromDays(days), Read(setting));

    [Theory]
    [InlineData("12:00:00")]
    [InlineData("-1")]
    [InlineData("soon")]
    public void Any_other_period_is_refused_by_name(string setting) =>
        Assert.Contains(
            "Retention:Runs is '" + setting,
            Assert.Throws<OptionsValidationException>(() => Read(setting)).Message,
            StringComparison.Ordinal
        );

    static TimeSpan Read(string? setting) =>
        new RetentionPeriod("Runs", TimeSpan.FromDays(90)).Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(new Dictionary<string, string?> { ["Retention:Runs"] = setting })
                .Build()
        );

    static Task Append(RunningService host, string tally, params object[] events) =>
        host.Tallies.Transact(tally, x => x.Numbers.IsEmpty && x.Reminders.IsEmpty ? events : [], Cancelled);

    static async Task<bool> Exists(RunningService host, string tally) =>
        (await host.Tallies.Load(tally, Cancelled)).Version > 0;

    static async Task<string?> Execute(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (await command.ExecuteScalarAsync(Cancelled))?.ToString();
    }
}
