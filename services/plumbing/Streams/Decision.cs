namespace Nightshift.Plumbing.Streams;

/// <summary>One decision on its way into a transaction.</summary>
sealed class Decision<TState>(
    string streamId,
    Func<TState, IReadOnlyList<object>> decide,
    Func<IEnumerable<RowChange>>? alongside,
    string? traceParent,
    bool expectNew,
    CancellationToken cancellationToken
)
{
    public string StreamId { get; } = streamId;
    public Func<TState, IReadOnlyList<object>> Decide { get; } = decide;
    public Func<IEnumerable<RowChange>>? Alongside { get; } = alongside;
    public string? TraceParent { get; } = traceParent;
    public CancellationToken CancellationToken { get; } = cancellationToken;
    public int Decisions { get; set; }

    /// <summary>The stream is taken not to exist, without asking; false once that was wrong.</summary>
    public bool ExpectNew { get; set; } = expectNew;
    public TaskCompletionSource<Committed<TState>> Done { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
