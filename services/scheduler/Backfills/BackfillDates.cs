using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Schedules;
using Nightshift.Timetables;

namespace Nightshift.Scheduler.Backfills;

/// <summary>Which runs a backfill makes, by the DAG's schedule.</summary>
public static class BackfillDates
{
    /// <summary>Dates of one backfill at most: a year of hours, and what is kept of it in one event.</summary>
    public const int Most = 10_000;

    /// <summary>The dates in the order in which they are run, at least one.</summary>
    /// <exception cref="RejectedException"><c>dag_not_scheduled</c>; <c>invalid_from_date</c>, <c>invalid_to_date</c>,
    /// <c>invalid_run_backwards</c>, <c>invalid_max_active_runs</c>; <c>schedule_…</c>, see
    /// <see cref="ScheduleTimetable.Timetable(Schedule)"/>.</exception>
    public static IReadOnlyList<BackfillDate> Of(DagSpec dag, BackfillRange range, DateTimeOffset now)
    {
        Check(dag, range, now);
        var dates = Planned(dag.Schedule!.Timetable(), range, now).Take(Most + 1).Select(Date).ToList();
        if (dates.Count > Most)
            throw Invalid("to_date", $"There are more than {Most} runs up to {range.ToDate:u}; give an earlier one");
        if (dates.Count == 0)
            throw Invalid("to_date", $"No run is due from {range.FromDate:u} to {range.ToDate:u}; give a longer time");
        if (range.RunBackwards)
            dates.Reverse();
        return dates;
    }

    static void Check(DagSpec dag, BackfillRange range, DateTimeOffset now)
    {
        if (dag.Schedule is null or { IsOnce: true } or { IsContinuous: true })
            throw new RejectedException(
                "dag_not_scheduled",
                $"DAG '{dag.DagId}' has no schedule with dates to fill; trigger it instead"
            );
        if (range.RunBackwards && dag.Tasks.FirstOrDefault(x => x.WaitsForPast) is { } task)
            throw Invalid(
                "run_backwards",
                $"'run_backwards' is true, but task '{task.TaskId}' depends on the run before; leave it out"
            );
        if (range.FromDate > range.ToDate)
            throw Invalid("from_date", $"'from_date' is {range.FromDate:u}, after 'to_date'; give an earlier one");
        if (range.ToDate > now)
            throw Invalid("to_date", $"'to_date' is {range.ToDate:u}, in the future; give now or an earlier time");
        if (range.MaxActiveRuns is < 1 or > 1000)
            throw Invalid(
                "max_active_runs",
                $"'max_active_runs' is {range.MaxActiveRuns}; write a whole number from 1 to 1000"
            );
    }

    // Runs whose time is not over yet are the schedule's own.
    static IEnumerable<PlannedRun> Planned(Timetable timetable, BackfillRange range, DateTimeOffset now)
    {
        var restriction = new TimeRestriction(range.FromDate, range.ToDate, Catchup: true);
        var run = timetable.Next(last: null, restriction, now);
        while (run is not null && run.RunAfter <= now)
        {
            yield return run;
            var next = timetable.Next(run.Interval, restriction, now);
            run = next?.RunAfter > run.RunAfter ? next : null;
        }
    }

    static BackfillDate Date(PlannedRun run) =>
        new(run.Interval.Start) { End = run.Interval.End == run.Interval.Start ? null : run.Interval.End };

    static RejectedException Invalid(string field, string text) => new($"invalid_{field}", text);
}
