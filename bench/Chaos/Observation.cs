namespace Nightshift.Bench.Chaos;

/// <summary>A part was killed, stopped or started again.</summary>
/// <param name="Part">Which, by the name the report uses.</param>
/// <param name="At">When (UTC).</param>
sealed record Disturbance(string Part, DateTimeOffset At);

/// <summary>A run the load asked for.</summary>
/// <param name="RunId">Its id, known before it is asked for.</param>
/// <param name="Tasks">Each of them has to end with one accepted success.</param>
/// <param name="TaskTime">How long the command of each task takes by itself; zero for noop tasks.</param>
/// <param name="Accepted">True once the system has answered that the run exists.</param>
sealed record ExpectedRun(string RunId, IReadOnlyList<string> Tasks, TimeSpan TaskTime, bool Accepted);

/// <summary>What was done to the system, what was asked of it, and what it recorded.</summary>
/// <param name="Disturbances">In the order of their times.</param>
/// <param name="Runs">Every run that was asked for.</param>
/// <param name="Deliveries">GUIDs of the deliveries that were answered with a success.</param>
/// <param name="Events">All events of all services, those of a stream in order.</param>
/// <param name="Until">When the events were read (UTC): a run that is open has stood still until then.</param>
sealed record Observation(
    IReadOnlyList<Disturbance> Disturbances,
    IReadOnlyList<ExpectedRun> Runs,
    IReadOnlyList<Guid> Deliveries,
    IReadOnlyList<RecordedEvent> Events,
    DateTimeOffset Until
)
{
    /// <summary>What the report calls the time before the first disturbance.</summary>
    public const string Undisturbed = "(none)";

    /// <summary>
    /// The part whose disturbance explains what happened between two times: the first one in between, else the last one
    /// before.
    /// </summary>
    public string CauseOf(DateTimeOffset from, DateTimeOffset to) =>
        (
            Disturbances.FirstOrDefault(x => x.At >= from && x.At <= to) ?? Disturbances.LastOrDefault(x => x.At < from)
        )?.Part
        ?? Undisturbed;

    /// <summary>True when another part than one was disturbed between two times; false without a beginning.</summary>
    public bool AnotherWasDisturbed(string part, DateTimeOffset? from, DateTimeOffset to) =>
        Disturbances.Any(x => x.Part != part && x.At >= from && x.At < to);

    /// <summary>
    /// The disturbances between two times and the last one before; the promise begins anew with each.
    /// </summary>
    public IEnumerable<(string Part, DateTimeOffset From, DateTimeOffset To)> Split(
        DateTimeOffset from,
        DateTimeOffset to
    )
    {
        var part = Disturbances.LastOrDefault(x => x.At <= from)?.Part ?? Undisturbed;
        foreach (var next in Disturbances.Where(x => x.At > from && x.At < to))
        {
            yield return (part, from, next.At);
            (part, from) = (next.Part, next.At);
        }
        yield return (part, from, to);
    }
}
