using System.Runtime.CompilerServices;
using Docker.DotNet.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Logs;
using Nightshift.Executor.Tests.Running;
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

    [Fact]
    public async Task Logs_of_a_week_go_with_its_partition_and_others_stay()
    {
        await Table.Write(attempt, Chunk(0, 1, 2), Cancelled);
        await using (
            var old = Database.CreateCommand(
                """
                create table executor.attempt_log_w20260105 partition of executor.attempt_log
                for values from ('2026-01-05 00:00Z') to ('2026-01-12 00:00Z');
                insert into executor.attempt_log (attempt_id, first_seq, week, last_seq, byte_offset, lines)
                select 'old', 1, '2026-01-05 00:00Z', last_seq, 0, lines from executor.attempt_log limit 1;
                """
            )
        )
            await old.ExecuteNonQueryAsync(Cancelled);
        var partitions = executor.Get<AttemptLogPartitions>();
        Assert.Empty(await partitions.DropBefore(new(2026, 1, 11, 0, 0, 0, TimeSpan.Zero), Cancelled));
        Assert.Equal(
            ["attempt_log_w20260105"],
            await partitions.DropBefore(new(2026, 1, 12, 0, 0, 0, TimeSpan.Zero), Cancelled)
        );
        Assert.Empty(await executor.Log("old"));
        Assert.Equal(["line 1", "line 2"], await Lines());
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
