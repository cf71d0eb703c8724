namespace Nightshift.Bench.Chaos;

/// <summary>One event of any stream as the database recorded it; only what the checks look at.</summary>
/// <param name="Stream">The stream's id, e.g. <c>run-manual__hello__1</c>.</param>
/// <param name="Type">The event's name, e.g. <c>task_succeeded</c>.</param>
/// <param name="RecordedAt">When it was stored, by the database's clock (UTC).</param>
sealed record RecordedEvent(string Stream, string Type, DateTimeOffset RecordedAt)
{
    /// <summary>The run an attempt belongs to; null on events that name none.</summary>
    public string? RunId { get; init; }

    /// <summary>The task an event of a run is about.</summary>
    public string? Task { get; init; }

    /// <summary>The attempt an event of a run is about; 0 on events without one.</summary>
    public int Attempt { get; init; }

    /// <summary>How a run ended: <c>Succeeded</c> or <c>Failed</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary>When what the event tells happened (UTC), where it says so: a container's start, for one.</summary>
    public DateTimeOffset? At { get; init; }
}
