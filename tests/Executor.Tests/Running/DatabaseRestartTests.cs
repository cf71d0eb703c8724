using Microsoft.Extensions.DependencyInjection;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Leases;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Executor.Tests.Running;

/// <summary>
/// Two executors, one of which is delayed by its secret store, and a PostgreSQL that is killed and started again in
/// between: whoever begins the attempt, its command runs once.
/// </summary>
[Collection("engine")]
public sealed class DatabaseRestartTests : IAsyncLifetime
{
    readonly SlowSecretStore slowSecrets = new();
    OwnPostgres postgres = null!;
    TestInfrastructure infrastructure = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        postgres = await OwnPostgres.Start(Cancelled);
        infrastructure = await TestInfrastructure.Prepare("restart", Cancelled, postgres: postgres);
        await slowSecrets.Fill(infrastructure, "slow", Cancelled);
        await infrastructure.Secret("slow", "value");
    }

    public async ValueTask DisposeAsync()
    {
        slowSecrets.Dispose();
        infrastructure?.Dispose();
        if (postgres is not null)
            await postgres.DisposeAsync();
    }

    // The delayed one reaches the server again only when another has taken its attempt.
    [Theory]
    [InlineData(null)]
    [InlineData("other-engine")]
    public async Task An_executor_that_lost_its_attempt_in_a_restart_does_not_begin_it_when_its_secret_comes(
        string? otherEngine
    )
    {
        using var engine = new LeavingEngine();
        using var second = new LeavingEngine(otherEngine);
        await using var proxy = new TcpProxy("127.0.0.1", postgres.Address.Port);
        proxy.Open();
        await using var delayed = await Delayed(engine, infrastructure.PostgresBy(proxy.Port));
        var task = await Granted(delayed);
        await using var other = await Start(second);

        await proxy.Cut();
        await postgres.Kill();
        await postgres.Up(Cancelled);
        Assert.True((await other.Finished(task)).Succeeded);
        proxy.Open();
        await slowSecrets.Answer("slow", "value", Cancelled);
        await HasNothingLeft(delayed);

        Assert.Equal((0, 1), (engine.Created, second.Created));
        await RanOnce(other, task, grant: 2);
    }

    // Both come back at once: whoever is first to renew its lease has the attempt, and the other leaves it alone.
    [Fact]
    public async Task Two_executors_that_come_back_together_after_a_restart_begin_an_attempt_once()
    {
        using var engine = new LeavingEngine();
        using var second = new LeavingEngine();
        await using var delayed = await Delayed(engine);
        var task = await Granted(delayed);
        await using var other = await Start(second);

        await postgres.Kill();
        // longer than a lease: at the start both have run out
        await Task.Delay(LeaseTable.Term, TimeProvider.System, Cancelled);
        await postgres.Up(Cancelled);
        await BothRenewed();
        var ending = other.Finished(task);
        await slowSecrets.Answer("slow", "value", Cancelled);
        Assert.True((await ending).Succeeded);
        await HasNothingLeft(delayed);

        Assert.Equal(1, engine.Created + second.Created);
        await RanOnce(other, task, grant: null);
    }

    Task<RunningExecutor> Delayed(LeavingEngine engine, params string[] settings) =>
        Start(engine, [slowSecrets.Setting, .. settings]);

    Task<RunningExecutor> Start(LeavingEngine engine, params string[] settings) =>
        RunningExecutor.Start(infrastructure, x => x.AddSingleton<IContainerEngine>(engine), settings);

    static async Task<string> Granted(RunningExecutor executor)
    {
        var task = Tasks.Shell("echo ran", env: new() { ["SECRET"] = "secret:slow" });
        await executor.Send(task);
        await executor.In(task.AttemptId, AttemptPhase.Granted);
        return task.AttemptId;
    }

    static Task HasNothingLeft(RunningExecutor executor) =>
        Eventually.Is(
            _ => Task.FromResult(executor.Get<AttemptFollowers>().Count == 0),
            "the delayed executor to have nothing left",
            Cancelled
        );

    async Task BothRenewed()
    {
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await Eventually.Is(
            async token =>
            {
                await using var count = database.CreateCommand(
                    "select count(*) from executor.lease where lease_until > clock_timestamp()"
                );
                return await count.ExecuteScalarAsync(token) is 2L;
            },
            "both executors to have a lease again",
            Cancelled
        );
    }

    static async Task RanOnce(RunningExecutor executor, string attemptId, int? grant)
    {
        var events = await executor.Events(attemptId);
        var starting = Assert.Single(events.OfType<AttemptStarting>());
        Assert.Equal(grant ?? starting.Grant, starting.Grant);
        Assert.Single(events.OfType<AttemptStarted>());
        Assert.Single(events.OfType<AttemptFinished>());
        Assert.Equal(["ran"], await executor.Text(attemptId, "stdout"));
    }
}
