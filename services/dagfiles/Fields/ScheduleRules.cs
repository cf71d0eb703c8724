using Nightshift.DagFiles.Yaml;
using Nightshift.Timetables;

namespace Nightshift.DagFiles.Fields;

/// <summary>Makes a schedule of its fields, and finds those that cannot mean anything together.</summary>
static class ScheduleRules
{
    /// <summary>The schedule; null when it does not say when.</summary>
    /// <param name="reader">Collects what is wrong.</param>
    /// <param name="written">The fields.</param>
    /// <param name="timezone">The DAG's time zone.</param>
    /// <param name="catchup">The DAG's catchup.</param>
    public static Schedule? Of(YamlReader reader, Written<ScheduleDraft> written, string timezone, bool catchup)
    {
        if (written.Node is YamlMapping && ScheduleFields.Kinds.Count(written.Nodes.ContainsKey) != 1)
        {
            reader.Wrong(written.Node, "'schedule' must have either 'cron' or 'every', or 'at'");
            return null;
        }
        var draft = written.Draft;
        var zone = draft.Timezone ?? timezone;
        var options = new Schedule(null, null, zone, draft.Catchup ?? catchup)
        {
            Start = draft.Start?.In(zone),
            End = draft.End?.In(zone),
            Interval = draft.Interval.BetweenTicks,
            Covers = draft.Interval.Before,
            RunImmediately = draft.RunImmediately,
            Jitter = draft.Jitter,
            OnGap = draft.OnGap,
            OnFold = draft.OnFold,
        };
        var schedule = Ticks(reader, written, options, zone);
        if (schedule is not null)
            Check(reader, written.Nodes, schedule);
        return schedule;
    }

    static Schedule? Ticks(YamlReader reader, Written<ScheduleDraft> written, Schedule options, string zone) =>
        written.Draft switch
        {
            { Crons: [var one] } => options with { Cron = one },
            { Crons: { Count: > 1 } several } => options with { Crons = several },
            { Every: { } period } => Every(reader, written, options, period),
            { At: { Count: > 0 } points } => options with
            {
                At = [.. points.Select(x => x.In(zone)).Distinct().Order()],
                Timezone = TimeZones.Utc,
            },
            _ => null,
        };

    static Schedule Every(YamlReader reader, Written<ScheduleDraft> written, Schedule options, Period period)
    {
        if (period.Months > 0 && options.Start is null)
            reader.Wrong(
                written.At("every"),
                "A period in months or years needs a day to count from; add 'schedule.start'"
            );
        var schedule = options with { EveryMonths = period.Months, Every = period.Elapsed };
        if (schedule.HasTimezone)
            return schedule;
        if (period.Months == 0 && schedule.Start is null && written.Nodes.TryGetValue("timezone", out var zone))
            reader.Wrong(
                zone,
                $"'every: {Durations.Write(period.Elapsed!.Value)}' counts elapsed time, which no time zone changes; "
                    + "remove 'schedule.timezone', or write whole days such as 1d, or a cron expression"
            );
        return schedule with { Timezone = TimeZones.Utc };
    }

    // What an option means nothing for is refused: whoever wrote it expects something of it.
    static void Check(YamlReader reader, IReadOnlyDictionary<string, YamlNode> nodes, Schedule schedule)
    {
        var isCron = schedule is { Cron: not null, IsOnce: false, IsContinuous: false } or { Crons: not null };
        var isRepeated = isCron || schedule.Every is not null || schedule.EveryMonths > 0;
        void Refuse(string key, bool when, string why)
        {
            if (when && nodes.TryGetValue(key, out var node))
                reader.Wrong(node, $"'schedule.{key}' {why}; remove it");
        }
        Refuse("interval", !isRepeated, "needs a cron expression or 'every'");
        Refuse("interval", schedule is { Interval: true, Crons: not null }, "needs a single cron expression");
        Refuse("run_immediately", !isCron, "needs a cron expression");
        Refuse("run_immediately", schedule.Start is not null, "has no effect beside 'start'");
        Refuse("run_immediately", schedule.Interval, "has no effect beside 'interval: true'");
        Refuse("jitter", schedule.IsOnce || schedule.IsContinuous, $"has no effect on {schedule.Cron}");
        Refuse("catchup", schedule.IsOnce || schedule.IsContinuous, $"has no effect on {schedule.Cron}");
        Refuse("on_gap", !isCron, "needs a cron expression");
        Refuse("on_fold", !isCron, "needs a cron expression");
        if (schedule.End <= schedule.Start)
            reader.Wrong(nodes["end"], "'schedule.end' is not later than 'schedule.start'; write a later one");
    }
}
