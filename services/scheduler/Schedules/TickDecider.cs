using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Nightshift.Plumbing.Streams;
using Nightshift.Timetables;

namespace Nightshift.Scheduler.Schedules;

/// <summary>What is due of a schedule.</summary>
/// <param name="Runs">The runs to start now, oldest first; none when it is too early.</param>
/// <param name="Skipped">The first and the last tick that will never run; null when there are none.</param>
/// <param name="After">The cursor once the runs are made.</param>
public sealed record DueRuns(
    IReadOnlyList<PlannedRun> Runs,
    (DateTimeOffset First, DateTimeOffset Last)? Skipped,
    TickCursor After
);

/// <summary>The rules of a schedule: which runs to start, and which comes next.</summary>
public static class TickDecider
{
    /// <summary>Most runs that are started at once; the rest come right after.</summary>
    public const int RunsAtOnce = 500;

    /// <summary>The runs to start now: all that are due when the schedule catches up, else the latest.</summary>
    /// <param name="schedule">When.</param>
    /// <param name="cursor">How far it has come.</param>
    /// <param name="now">The present (UTC).</param>
    /// <param name="atMost">How many there may be, at least 1: what the DAG's <c>max_active_runs</c> leaves.</param>
    /// <exception cref="RejectedException">The schedule stands still: see
    /// <see cref="ScheduleTimetable.Timetable(Schedule)"/>, and
    /// <c>schedule_stuck</c>: the next tick is not later. Going on from it would repeat it for ever.</exception>
    public static DueRuns Decide(Schedule schedule, TickCursor cursor, DateTimeOffset now, int atMost = RunsAtOnce)
    {
        var plan = new Plan(schedule, schedule.Timetable(), cursor.Id);
        if (cursor.Next is not { } first || plan.DueAt(first) > now)
            return new([], Skipped: null, cursor);
        var runs =
            schedule.Catchup || schedule.IsContinuous
                ? plan.Missed(first, now, Math.Min(atMost, RunsAtOnce))
                : [plan.Latest(first, now)];
        var last = runs[^1];
        return new(
            runs,
            runs[0].RunAfter > first.RunAfter
                ? (first.RunAfter, plan.Latest(first, runs[0].RunAfter.AddTicks(-1), jitter: false).RunAfter)
                : null,
            cursor.Settled(last, schedule.IsContinuous ? null : plan.After(last))
        );
    }

    /// <summary>The run of a continuous schedule after one that has ended.</summary>
    public static TickCursor Continue(Schedule schedule, TickCursor cursor, DateTimeOffset now) =>
        cursor.At(schedule.Timetable().Next(cursor.Last, schedule.Restriction, now));

    /// <summary>When the next run is started; null when there is none.</summary>
    public static DateTimeOffset? DueAt(Schedule schedule, TickCursor cursor) =>
        cursor.NextTick is { } tick ? tick + Offset(schedule, cursor.Id, tick) : null;

    // Spreads DAGs that share a tick, and is the same whenever it is asked for.
    static TimeSpan Offset(Schedule schedule, string id, DateTimeOffset tick)
    {
        if (schedule.Jitter is not { } jitter)
            return TimeSpan.Zero;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{id}|{tick.UtcTicks}"));
        return TimeSpan.FromMilliseconds(
            BinaryPrimitives.ReadUInt64BigEndian(hash) % (ulong)(jitter.TotalMilliseconds + 1)
        );
    }

    sealed record Plan(Schedule Schedule, Timetable Timetable, string Id)
    {
        public DateTimeOffset DueAt(PlannedRun run) => run.RunAfter + Offset(Schedule, Id, run.RunAfter);

        public PlannedRun? After(PlannedRun run)
        {
            var next = Timetable.Next(run.Interval, Schedule.Restriction with { Catchup = true }, run.RunAfter);
            return next is null || next.RunAfter > run.RunAfter
                ? next
                : throw new RejectedException(
                    "schedule_stuck",
                    $"The tick after {run.RunAfter:u} came out as {next.RunAfter:u}, which is not later, so the "
                        + "schedule stands still; write it another way and report this fault"
                );
        }

        public List<PlannedRun> Missed(PlannedRun first, DateTimeOffset now, int atMost)
        {
            var runs = new List<PlannedRun> { first };
            while (!Schedule.IsContinuous && runs.Count < atMost && After(runs[^1]) is { } next && DueAt(next) <= now)
                runs.Add(next);
            return runs;
        }

        /// <summary>The latest run that is due, found without a look at each before it.</summary>
        public PlannedRun Latest(PlannedRun first, DateTimeOffset now, bool jitter = true)
        {
            bool IsDue(PlannedRun run) => (jitter ? DueAt(run) : run.RunAfter) <= now;
            var (latest, at) = (first, now > Schedule.End ? Schedule.End.Value : now);
            while (
                Timetable.Next(first.Interval, Schedule.Restriction with { Catchup = false }, at) is { } found
                && found.RunAfter > first.RunAfter
                && found.RunAfter <= at
            )
            {
                if (IsDue(found))
                {
                    latest = found;
                    break;
                }
                at = found.RunAfter.AddTicks(-1);
            }
            while (After(latest) is { } next && IsDue(next))
                latest = next;
            return latest;
        }
    }
}
