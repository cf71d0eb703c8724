namespace Nightshift.Scheduler.Dags;

/// <summary>Ticks at the multiples of a period since 1970-01-01T00:00Z, whatever wall clocks do.</summary>
sealed class ElapsedTimetable(TimeSpan period) : Timetable
{
    protected override DateTimeOffset? Next(DateTimeOffset instant)
    {
        var elapsed = instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var periods = Math.DivRem(elapsed, period.Ticks, out var rest);
        return DateTimeOffset.UnixEpoch + (rest < 0 ? periods : periods + 1) * period;
    }
}
