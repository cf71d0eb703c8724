using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Attempts;

/// <summary>Decides on attempts, and keeps their rows in step in the same transaction.</summary>
public sealed class AttemptStore(StreamStore<Attempt> streams)
{
    /// <summary>As <see cref="StreamStore{TState}.Transact"/>.</summary>
    public Task<Committed<Attempt>> Transact(
        string attemptId,
        Func<Attempt, IReadOnlyList<AttemptEvent>> decide,
        CancellationToken cancellationToken,
        Func<IEnumerable<RowChange>>? alongside = null,
        bool expectNew = false
    )
    {
        IReadOnlyList<AttemptEvent> decided = [];
        return streams.Transact(
            attemptId,
            attempt => decided = decide(attempt),
            cancellationToken,
            () => OpenAttempts.Rows(attemptId, decided).Concat(alongside?.Invoke() ?? []),
            expectNew
        );
    }

    /// <summary>The attempt as the database has it now.</summary>
    public async Task<Attempt> Load(string attemptId, CancellationToken cancellationToken) =>
        (await streams.Load(attemptId, cancellationToken)).State;
}
