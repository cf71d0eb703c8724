using System.Runtime.CompilerServices;
using Docker.DotNet.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Logs;
using Nightshift.Executor.Tests.Running;
using Nightshift.Plumbing.Retention;
using Npgsql;

namespace Nightshift.Executor.Tests.Logs;

/// <summary>How logs are stored, on a real database.</summary>
[Collection("engine")]
public sealed class AttemptLogTests(SharedExecutor shared) : IClassFixture<SharedExecutor>, IAsyncLifetime
{
    static readonly DateTimeOffset T0 = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);

    readonly string attempt = $"run-{Guid.NewGuid():N}.task.1";
    RunningExecutor executor = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    AttemptLogTable Table => executor.Get<AttemptLogTable>();

    NpgsqlDataSource Database => executor.Get<NpgsqlDataSource>();

    public async ValueTask InitializeAsync() => executor = await shared.Get();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    static StoredChunk Chunk(long offset, int first, int last) =>
        new(
            offset,
            [.. Enumerable.Range(first, last - first + 1).Select(i => new LogLine(i, T0, "stdout", $"line {i}"))]
        );

    async Task<IEnumerable<string>> Lines() => (await executor.Log(attempt)).Select(x => x.Text);

    [Fact]
    public async Task Chunks_that_overlap_give_each_line_once()
    {
        await Table.Write(attempt, Chunk(0, 1, 3), Cancelled);
        await Table.Write(attempt, Chunk(0, 1, 5), Cancelled); // it has grown
        await Table.Write(attempt, Chunk(0, 1, 2), Cancelled); // a late writer of the same lines
        await Table.Write(attempt, Chunk(24, 4, 8), Cancelled);
        Assert.Equal(Enumerable.Range(1, 8).Select(i => $"line {i}"), await Lines());
        Assert.Equal(2L, await Count());
    }

    [Fact]
    public async Task What_is_not_kept_is_one_remark_that_says_how_much_it_was()
    {
        await Table.Write(attempt, Chunk(0, 1, 2), Cancelled);
        await Table.Write(attempt, Chunk(14 + 3 * 1024 * 1024, 1_001, 1_002), Cancelled);
        Assert.Equal(
            [
                "line 1",
                "line 2",
                "998 lines (3.0 MiB) are left out here: a log keeps its first 8 MiB and its last, 16 MiB in all",
                "line 1001",
                "line 1002",
            ],
            await Lines()
        );
    }

    [Fact]
    public async Task A_remark_stands_behind_the_last_line()
    {
        await Table.Write(attempt, Chunk(0, 1, 2), Cancelled);
        await Table.AppendRemark(attempt, "stopped", T0, Cancelled);
        Assert.Equal(["line 1", "line 2", "stopped"], await Lines());
    }

    // ── old week ──┤ ── this week ──►
    [Fact]
    public async Task Logs_of_a_week_go_with_its_partition_when_the_whole_week_is_older_and_others_stay()
    {
        await Table.Write(attempt, Chunk(0, 1, 2), Cancelled);
        await OldWeek("attempt_log_w20260105", "2026-01-05", "old");
        var logs = executor.Get<RetentionSweep>().Kinds.Single(x => x.Name == "logs");
        var monday = new DateTimeOffset(2026, 1, 12, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal("weeks", logs.Unit);
        Assert.Equal(0, await logs.CountExpired(monday.AddSeconds(-1), Cancelled));
        Assert.Equal(1, await logs.CountExpired(monday, Cancelled));
        Assert.Equal(0, await logs.RemoveExpired(monday.AddSeconds(-1), Cancelled));
        Assert.Equal(1, await logs.RemoveExpired(monday, Cancelled));

        Assert.Empty(await executor.Log("old"));
        Assert.Equal(0, await logs.CountExpired(monday, Cancelled));
        Assert.Equal(["line 1", "line 2"], await Lines());
        Assert.Equal(0L, await Partitions("attempt_log_w20260105"));
    }

    [Fact]
    public async Task An_open_attempt_keeps_its_log_and_with_it_the_week_until_it_ends()
    {
        await Table.Write(attempt, Chunk(0, 1, 2), Cancelled);
        await OldWeek("attempt_log_w20251201", "2025-12-01", "open");
        await Execute(
            """
            insert into executor.open_attempt (attempt_id, queue, rank, accepted_at, grant_number)
            values ('open', 'none-serves-it', 0, '2025-12-02 00:00Z', 0)
            """
        );
        var logs = executor.Get<RetentionSweep>().Kinds.Single(x => x.Name == "logs");
        var later = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal(0, await logs.CountExpired(later, Cancelled));
        Assert.Equal(0, await logs.RemoveExpired(later, Cancelled));
        Assert.NotEmpty(await executor.Log("open"));

        await Execute("delete from executor.open_attempt where attempt_id = 'open'");
        Assert.Equal(1, await logs.RemoveExpired(later, Cancelled));
        Assert.Empty(await executor.Log("open"));
    }

    [Fact]
    public async Task Rows_of_an_old_week_without_partition_go_too()
    {
        await Table.Write(attempt, Chunk(0, 1, 2), Cancelled);
        await OldRow("2025-11-03", "without");
        await OldRow("2025-11-10", "younger");
        var logs = executor.Get<RetentionSweep>().Kinds.Single(x => x.Name == "logs");
        var later = new DateTimeOffset(2025, 11, 10, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal(1, await logs.RemoveExpired(later, Cancelled));
        Assert.Empty(await executor.Log("without"));
        Assert.NotEmpty(await executor.Log("younger"));
        Assert.Equal(1, await logs.RemoveExpired(later.AddDays(7), Cancelled));
    }

    [Fact]
    public async Task A_week_that_somebody_reads_is_left_to_the_next_sweep()
    {
        await Table.Write(attempt, Chunk(0, 1, 2), Cancelled);
        await OldWeek("attempt_log_w20251006", "2025-10-06", "read");
        var logs = executor.Get<RetentionSweep>().Kinds.Single(x => x.Name == "logs");
        var later = new DateTimeOffset(2025, 10, 13, 0, 0, 0, TimeSpan.Zero);
        await using (var reader = await Database.OpenConnectionAsync(Cancelled))
        {
            await using var transaction = await reader.BeginTransactionAsync(Cancelled);
            await using var read = new NpgsqlCommand("select from executor.attempt_log_w20251006", reader);
            await read.ExecuteNonQueryAsync(Cancelled);
            var refused = await Assert.ThrowsAsync<PostgresException>(() => logs.RemoveExpired(later, Cancelled));
            Assert.Equal(PostgresErrorCodes.LockNotAvailable, refused.SqlState);
        }
        Assert.NotEmpty(await executor.Log("read"));
        Assert.Equal(1, await logs.RemoveExpired(later, Cancelled));
    }

    [Fact]
    public async Task A_log_whose_beginning_was_removed_says_so()
    {
        await Table.Write(attempt, Chunk(4_000, 501, 502), Cancelled);
        Assert.Equal(
            [
                "500 lines at the beginning are no longer kept; logs are removed after Retention__Logs",
                "line 501",
                "line 502",
            ],
            await Lines()
        );
    }

    [Fact]
    public async Task A_log_is_written_into_the_partition_of_its_week_which_was_made_ahead()
    {
        await Table.Write(attempt, Chunk(0, 1, 2), Cancelled);
        Assert.Matches("attempt_log_w[0-9]{8}$", await Scalar<string>("max(tableoid::regclass::text)"));
        await using var ahead = Database.CreateCommand(
            "select count(*) from pg_inherits where inhparent = 'executor.attempt_log'::regclass"
        );
        Assert.InRange((long)(await ahead.ExecuteScalarAsync(Cancelled))!, 5, 7); // this week, four more, the default
    }

    [Theory]
    [InlineData(false, "running", true)]
    [InlineData(true, "running", true)]
    [InlineData(true, "exited", false)]
    public async Task A_log_may_lack_its_end_when_the_engine_was_away_while_the_container_ended(
        bool breaks,
        string stateAfterwards,
        bool complete
    )
    {
        var engine = new BreakingEngine(breaks, stateAfterwards);
        var collector = new LogCollector(
            engine,
            Table,
            executor.Get<LogSignals>(),
            NullLogger<LogCollector>.Instance,
            TimeProvider.System
        );
        var collected = await collector.Collect(attempt, "container", new Masker([]), engine.Ended, Cancelled);
        Assert.Equal(complete, collected.Complete);
        Assert.Equal(["one", "two"], await Lines());
    }

    async Task OldWeek(string partition, string monday, string attemptId)
    {
        await Execute(
            $"""
            create table executor.{partition} partition of executor.attempt_log
            for values from ('{monday} 00:00Z') to (timestamptz '{monday} 00:00Z' + interval '7 days')
            """
        );
        await OldRow(monday, attemptId);
    }

    Task OldRow(string monday, string attemptId) =>
        Execute(
            $"""
            insert into executor.attempt_log (attempt_id, first_seq, week, last_seq, byte_offset, lines)
            select '{attemptId}', 1, '{monday} 00:00Z', last_seq, 0, lines from executor.attempt_log
            where attempt_id = '{attempt}'
            """
        );

    async Task<long> Partitions(string name)
    {
        await using var command = Database.CreateCommand("select count(*) from pg_class where relname = $1");
        command.Parameters.AddWithValue(name);
        return (long)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    async Task Execute(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    Task<long> Count() => Scalar<long>("count(*)");

    async Task<T> Scalar<T>(string what)
    {
        await using var command = Database.CreateCommand(
            $"select {what} from executor.attempt_log where attempt_id = $1"
        );
        command.Parameters.AddWithValue(attempt);
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    /// <summary>An engine whose connection to a log of two lines breaks behind the first.</summary>
    sealed class BreakingEngine(bool breaks, string state) : IContainerEngine
    {
        readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool broken;

        public Task Ended => ended.Task;

        public async IAsyncEnumerable<LogChunk> Logs(
            string container,
            DateTimeOffset? since,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            if (since is null || since <= T0)
                yield return Chunk("2026-01-31T09:00:00.000000000Z one\n");
            if (breaks && !broken)
            {
                broken = true;
                throw new EngineException("gone", unreachable: true);
            }
            yield return Chunk("2026-01-31T09:00:01.000000000Z two\n");
            ended.TrySetResult();
            await Task.CompletedTask;
        }

        static LogChunk Chunk(string text) => new(Stderr: false, System.Text.Encoding.UTF8.GetBytes(text));

        public Task<ContainerFacts?> Inspect(string container, CancellationToken cancellationToken) =>
            Task.FromResult<ContainerFacts?>(
                new(container, "n", "i", new Dictionary<string, string>(), state, null, null, 0, false, "", null)
            );

        public Task<EngineInfo> Info(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ImageFacts?> Image(string image, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<Creation> Create(CreateContainerParameters parameters, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> HasFile(string container, string path, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task Start(string container, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<EngineEvent>> RecentEvents(string label, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> HasProcesses(string container, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> SawEnd(string container, DateTimeOffset finishedAt, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task WaitForExit(string container, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task Stop(string container, TimeSpan grace, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task Restart(string container, TimeSpan grace, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task Remove(string container, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task Pull(string image, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> List(string label, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task Listen(
            string label,
            DateTimeOffset since,
            Action<EngineEvent> heard,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();
    }
}
