using Docker.DotNet;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Leases;
using Nightshift.Plumbing.Installations;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Executor.Tests.Running;

/// <summary>Two executors with an engine each, one of which gets no further.</summary>
[Collection("engine")]
public sealed class RunningLeaseTests : IAsyncLifetime
{
    readonly SlowSecretStore slowSecrets = new();
    readonly LeavingEngine otherEngine = new("other-engine");
    readonly LeavingEngine engine = new();
    TestInfrastructure infrastructure = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => infrastructure = await TestInfrastructure.Prepare("lease", Cancelled);

    public ValueTask DisposeAsync()
    {
        slowSecrets.Dispose();
        engine.Dispose();
        otherEngine.Dispose();
        infrastructure?.Dispose();
        return ValueTask.CompletedTask;
    }

    // The first executor waits for its secret store; meanwhile all database sessions end and its loop stands still.
    [Fact]
    public async Task An_attempt_of_a_lost_executor_is_begun_once_and_one_that_runs_is_lost()
    {
        await slowSecrets.Fill(infrastructure, "slow", Cancelled);
        await infrastructure.Secret("slow", "value");
        await using var lost = await RunningExecutor.Start(
            infrastructure,
            x => x.AddSingleton<IContainerEngine>(engine),
            slowSecrets.Setting
        );
        var runs = Tasks.Shell("echo began; sleep 600", timeoutSeconds: 900);
        var waits = Tasks.Shell("echo ran", env: new() { ["SECRET"] = "secret:slow" });
        await lost.Send(runs);
        await lost.In(runs.AttemptId, AttemptPhase.Running);
        await lost.Send(waits);
        await lost.In(waits.AttemptId, AttemptPhase.Granted);

        await using var other = await RunningExecutor.Start(
            infrastructure,
            x => x.AddSingleton<IContainerEngine>(otherEngine)
        );
        await EndAllSessions();
        await using (await Stall(lost))
        {
            Assert.True((await other.Finished(waits.AttemptId)).Succeeded);
            var ending = await other.Finished(runs.AttemptId);
            Assert.True(ending is { Reason: Reasons.Lost, Infrastructure: true, Succeeded: false }, ending.ToString());
        }
        await slowSecrets.Answer("slow", "value", Cancelled);
        await lost.Gone(ContainerName.Of(runs.AttemptId, Installation.Default));
        var events = await other.Events(waits.AttemptId);
        Assert.Equal([1, 2], events.OfType<AttemptGranted>().Select(x => x.Grant.Number));
        Assert.Equal(2, Assert.Single(events.OfType<AttemptStarting>()).Grant);
        Assert.Equal(["ran"], await other.Text(waits.AttemptId, "stdout"));
        await Eventually.Is(
            async token => (await lost.Get<OpenAttempts>().Of(lost.Get<ExecutorLease>().ExecutorId, token)).Count == 0,
            "the lost executor to have nothing left",
            Cancelled
        );
        Assert.Equal(1, engine.Created);
    }

    [Fact]
    public async Task An_executor_whose_lease_has_run_out_leaves_its_attempts_to_another_of_the_same_engine()
    {
        await using var lost = await RunningExecutor.Start(infrastructure);
        var task = Tasks.Shell("trap 'echo ended; exit 0' USR1; echo began; while :; do sleep 0.1 || :; done");
        await lost.Send(task);
        await lost.In(task.AttemptId, AttemptPhase.Running);
        await using var other = await RunningExecutor.Start(infrastructure);
        await using (await Stall(lost))
        {
            await Eventually.Is(
                async _ => (await other.Events(task.AttemptId)).OfType<AttemptGranted>().Count() == 2,
                "the other to take it over",
                Cancelled
            );
            await EndOfLoop(task.AttemptId);
            var ending = await other.Finished(task.AttemptId);
            Assert.True(ending.Succeeded, ending.ToString());
        }
        Assert.Equal(["began", "ended"], await other.Text(task.AttemptId, "stdout"));
        var events = await other.Events(task.AttemptId);
        Assert.Equal(2, events.OfType<AttemptGranted>().Count());
        Assert.Single(events.OfType<AttemptStarted>());
        Assert.Equal(2, events.OfType<AttemptFinished>().Single().Grant);
    }

    [Fact]
    public async Task A_process_that_lost_its_session_is_dead_at_once_and_one_that_has_it_is_not()
    {
        await using var executor = await RunningExecutor.Start(infrastructure);
        var (leases, database) = (executor.Get<LeaseTable>(), executor.Get<NpgsqlDataSource>());
        var other = new ExecutorLease(database);
        Assert.False(await other.Renew("an engine", Cancelled)); // not held for long enough to call others lost
        await Holds(database, other.ExecutorId);
        Assert.Empty(await leases.Dead("me", "an engine", Cancelled));
        await EndAllSessions();
        await Dies();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => other.Renew("an engine", Cancelled)); // noticed by use
        await other.Renew("an engine", Cancelled);
        Assert.Empty(await leases.Dead("me", "an engine", Cancelled));
        await other.DisposeAsync();
        await Dies();

        // the server needs a moment to end a session
        Task Dies() =>
            Eventually.Is(
                async token =>
                {
                    try
                    {
                        return (await leases.Dead("me", "an engine", token)).SequenceEqual([other.ExecutorId]);
                    }
                    catch (NpgsqlException e) when (e.IsTransient) // a pooled connection whose session was ended too
                    {
                        return false;
                    }
                },
                "the process to count as dead",
                Cancelled
            );
    }

    static async Task Holds(NpgsqlDataSource database, string executorId)
    {
        await using var command = database.CreateCommand(
            "insert into executor.open_attempt (attempt_id, queue, rank, accepted_at, grant_number, executor_id, engine) "
                + "values ('r~t~1', 'none', 0, now(), 1, $1, 'an engine')"
        );
        command.Parameters.Add(new() { Value = executorId });
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    static async Task EndOfLoop(string attemptId)
    {
        using var docker = new DockerClientBuilder().WithEndpoint(new Uri(RunningExecutor.Docker)).Build();
        await docker.Containers.KillContainerAsync(
            ContainerName.Of(attemptId, Installation.Default),
            new() { Signal = "SIGUSR1" },
            Cancelled
        );
    }

    async Task EndAllSessions()
    {
        await using var admin = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var end = admin.CreateCommand(
            "select pg_terminate_backend(pid) from pg_stat_activity "
                + "where datname = current_database() and pid <> pg_backend_pid()"
        );
        await end.ExecuteNonQueryAsync(Cancelled);
    }

    // Its renewals wait for a lock, as if its loop stood still.
    async Task<IAsyncDisposable> Stall(RunningExecutor executor)
    {
        var connection = new NpgsqlConnection(infrastructure.Postgres.ConnectionString);
        await connection.OpenAsync(Cancelled);
        await connection.BeginTransactionAsync(Cancelled);
        await using var take = new NpgsqlCommand("select 1 from executor.lease where id = $1 for update", connection)
        {
            Parameters = { new() { Value = executor.Get<ExecutorLease>().ExecutorId } },
        };
        Assert.Equal(1, await take.ExecuteScalarAsync(Cancelled));
        return connection;
    }
}
