using System.Globalization;
using NodaTime;
using NodaTime.Extensions;

namespace Nightshift.Timetables;

/// <summary>A tick to come.</summary>
/// <param name="Tick">When (UTC).</param>
/// <param name="Local">The same on the zone's clock, with its offset.</param>
/// <param name="Mark">What a change of the clock has to do with it; null for nothing.</param>
public sealed record PreviewedTick(DateTimeOffset Tick, DateTimeOffset Local, string? Mark);

/// <summary>Shows the ticks of a cron expression before anything runs by it.</summary>
public static class SchedulePreview
{
    /// <summary>The next ticks.</summary>
    /// <param name="cron">The expression.</param>
    /// <param name="ticks">Its ticks.</param>
    /// <param name="zone">The zone they are shown in.</param>
    /// <param name="after">They come after this.</param>
    /// <param name="count">How many; fewer come back when there are no more.</param>
    public static IReadOnlyList<PreviewedTick> Of(
        CronExpression cron,
        Ticks ticks,
        DateTimeZone zone,
        DateTimeOffset after,
        int count
    )
    {
        var found = new List<PreviewedTick>();
        for (var tick = ticks.Next(after); found.Count < count && tick is { } at; tick = ticks.Next(at))
        {
            var before = found.Count > 0 ? found[^1].Tick : after;
            found.Add(new(at, at.ToInstant().InZone(zone).ToDateTimeOffset(), Mark(cron, zone, before, at)));
        }
        return found;
    }

    static string? Mark(CronExpression cron, DateTimeZone zone, DateTimeOffset before, DateTimeOffset tick)
    {
        var (period, local) = (zone.GetZoneInterval(tick.ToInstant()), WallClock.At(tick, zone));
        var mapping = zone.MapLocal(LocalDateTime.FromDateTime(local));
        if (mapping.Count == 2)
            return $"{(mapping.EarlyInterval == period ? "first" : "second")} of two, the clock goes back";
        if (cron.Next(local.AddTicks(-1)) != local)
            return "shifted, the clock leaves its time out";
        return zone.GetUtcOffset(before.ToInstant()) != period.WallOffset
            ? $"the clock is now UTC{Shown(period.WallOffset)}"
            : null;
    }

    static string Shown(Offset offset) => offset.ToString("+HH:mm", CultureInfo.InvariantCulture);
}
