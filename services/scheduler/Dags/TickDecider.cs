using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary>What is due of a schedule.</summary>
/// <param name="Ticks">The ticks to run now, oldest first; none when it is too early.</param>
/// <param name="Skipped">The first and the last tick that will never run; null when there are none.</param>
/// <param name="After">The cursor once the ticks are run.</param>
public sealed record DueTicks(
    IReadOnlyList<DateTimeOffset> Ticks,
    (DateTimeOffset First, DateTimeOffset Last)? Skipped,
    TickCursor After
);

/// <summary>The rules of a schedule: which ticks to run, and which comes next.</summary>
public static class TickDecider
{
    /// <summary>Most ticks that are run at once; the rest come right after.</summary>
    public const int TicksAtOnce = 500;

    /// <summary>The ticks to run now: all that are due when the schedule catches up, else the latest.</summary>
    /// <exception cref="RejectedException">The schedule stands still, see <see cref="Timetable"/>.</exception>
    public static DueTicks Decide(Schedule schedule, TickCursor cursor, DateTimeOffset now)
    {
        var timetable = schedule.Timetable();
        if (cursor.NextTick is not { } first || first > now)
            return new([], Skipped: null, cursor);
        var ticks = schedule.Catchup ? timetable.Ticks(first, now, TicksAtOnce) : [timetable.LatestTick(first, now)];
        var last = ticks[^1];
        return new(
            ticks,
            ticks[0] > first ? (first, timetable.LatestTick(first, ticks[0].AddTicks(-1))) : null,
            cursor with
            {
                NextTick = timetable.TickAfter(last),
                SettledTick = last,
            }
        );
    }
}
