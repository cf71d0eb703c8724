namespace Nightshift.Plumbing.Streams;

/// <summary>A state, where its stream stands, and how much there is of both.</summary>
/// <param name="State">The state.</param>
/// <param name="Version">The stream's version it is at; 0 before the first event.</param>
/// <param name="Bytes">The state's size as JSON, estimated.</param>
/// <param name="Measured">The state's size when it was last measured.</param>
/// <param name="SnapshotVersion">The version of the stored snapshot; 0 when there is none.</param>
/// <param name="BytesSinceSnapshot">The size as JSON of the events behind that snapshot.</param>
sealed record FoldedState<TState>(
    TState State,
    long Version,
    long Bytes,
    long Measured,
    long SnapshotVersion,
    long BytesSinceSnapshot
)
    where TState : class
{
    /// <summary>Growth below this is not worth measuring, bytes of JSON.</summary>
    const long Negligible = 4096;

    /// <summary>Events between two snapshots at least. Loading so many takes some 3 ms.</summary>
    public const int SnapshotAfterEvents = 100;

    /// <summary>Before the first event.</summary>
    public static FoldedState<TState> Seed(TState state) => new(state, 0, 0, 0, 0, 0);

    /// <summary>As a snapshot has it.</summary>
    public static FoldedState<TState> Of(Snapshot snapshot) =>
        new((TState)snapshot.State, snapshot.Version, snapshot.Bytes, snapshot.Bytes, snapshot.Version, 0);

    /// <summary>
    /// True when writing a snapshot pays: it is at most twice as long as the events it saves to read, so that all
    /// snapshots of a stream together cost no more than a few times the stream itself.
    /// </summary>
    public bool SnapshotDue => Version - SnapshotVersion >= SnapshotAfterEvents && 2 * BytesSinceSnapshot >= Bytes;

    /// <summary>
    /// After one more event. The state is taken to grow by the event's size; it is measured when that came to twice the
    /// latest measure, so that measuring costs no more than the events do.
    /// </summary>
    public FoldedState<TState> After(StreamDefinition<TState> definition, object @event)
    {
        var size = JsonSize.Of(@event);
        var next = this with
        {
            State = definition.Evolve(State, @event),
            Version = Version + 1,
            Bytes = Bytes + size,
            BytesSinceSnapshot = BytesSinceSnapshot + size,
        };
        return next.Bytes > 2 * Measured + Negligible ? next.Measure() : next;
    }

    FoldedState<TState> Measure()
    {
        var bytes = JsonSize.Of(State);
        return this with { Bytes = bytes, Measured = bytes };
    }
}
