namespace Nightshift.Plumbing.Timers;

/// <summary>
/// A timer an event asks for. Timers are named by their purpose inside a stream; arming one that is armed replaces it.
/// A timer is a message a stream sends itself: on arrival the state decides whether it still means anything, so
/// disarming is tidiness, not correctness.
/// </summary>
/// <param name="Purpose">Names the timer inside its stream, e.g. <c>retry:extract:2</c>.</param>
public abstract record TimerChange(string Purpose)
{
    /// <summary>Due this long after the transaction commits, by the database's clock.</summary>
    public sealed record In(string Purpose, TimeSpan Delay) : TimerChange(Purpose);

    /// <summary>Due at an instant; one in the past is due at once.</summary>
    public sealed record At(string Purpose, DateTimeOffset DueAt) : TimerChange(Purpose);

    /// <summary>No longer wanted.</summary>
    public sealed record Off(string Purpose) : TimerChange(Purpose);
}

/// <summary>A timer that came due.</summary>
/// <param name="StreamId">The stream that armed it, prefix included.</param>
/// <param name="Purpose">As armed.</param>
/// <param name="DueAt">When it was due (UTC, database clock); late after an outage.</param>
/// <param name="Now">The database's clock when it was claimed (UTC).</param>
public sealed record TimerDue(string StreamId, string Purpose, DateTimeOffset DueAt, DateTimeOffset Now);

/// <summary>Turns due timers of one kind of stream into decisions. At least once: the state decides.</summary>
public interface ITimerHandler
{
    /// <summary>The prefix of the streams whose timers come here, e.g. <c>run-</c>.</summary>
    string Prefix { get; }

    /// <summary>Acts on one timer. The timer is gone once this returns; it comes again if it throws.</summary>
    Task Fire(TimerDue timer, CancellationToken cancellationToken);
}
