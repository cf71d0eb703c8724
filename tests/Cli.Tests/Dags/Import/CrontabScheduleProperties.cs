using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Cli.Dags.Import.Crontab;
using Nightshift.Timetables;

namespace Nightshift.Cli.Tests.Dags.Import;

/// <summary>A translated schedule ticks in the minutes in which cron would start the line, and in no others.</summary>
public sealed class CrontabScheduleProperties
{
    static readonly DateTime Year = new(2027, 1, 1);

    // cron's own rules, as crontab(5) has them, without a line of ours
    static bool Starts(string when, DateTime at)
    {
        var fields = when.Split(' ');
        var (day, weekday) = (
            Has(fields[2], at.Day, 1, 31),
            Has(fields[4], (int)at.DayOfWeek, 0, 7, at.DayOfWeek == 0 ? 7 : -1)
        );
        var both = fields[2].StartsWith('*') || fields[4].StartsWith('*');
        return Has(fields[0], at.Minute, 0, 59)
            && Has(fields[1], at.Hour, 0, 23)
            && Has(fields[3], at.Month, 1, 12)
            && (both ? day && weekday : day || weekday);
    }

    static bool Has(string field, int value, int min, int max, int other = -1) =>
        field.Split(',').Any(item => Values(item, min, max).Any(x => x == value || x == other));

    static IEnumerable<int> Values(string item, int min, int max)
    {
        var (span, step) = item.Split('/') is [var x, var y] ? (x, Number(y)) : (item, 1);
        var (from, to) =
            span == "*" ? (min, max)
            : span.Split('-') is [var low, var high] ? (Number(low), Number(high))
            : (Number(span), Number(span));
        for (var value = from; value <= to; value += step)
            yield return value;
    }

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    static Gen<string> Field(int min, int max) =>
        from kind in Gen.Choose(0, 5)
        from low in Gen.Choose(min, max)
        from high in Gen.Choose(low, max)
        from step in Gen.Choose(1, 9)
        from other in Gen.Choose(min, max)
        select kind switch
        {
            0 or 1 => "*",
            2 => $"*/{step}",
            3 => $"{low}",
            4 => $"{low}-{high}/{step}",
            _ => $"{low}-{high},{other}",
        };

    static readonly Arbitrary<(string When, int[] Minutes)> Lines = (
        from minute in Field(0, 59)
        from hour in Field(0, 23)
        from day in Field(1, 31)
        from month in Field(1, 12)
        from weekday in Field(0, 7)
        from minutes in Gen.ArrayOf(Gen.Choose(0, 365 * 24 * 60 - 1), 200)
        select ($"{minute} {hour} {day} {month} {weekday}", minutes)
    ).ToArbitrary();

    [Property(MaxTest = 1000)]
    public Property It_ticks_when_cron_would_start_the_line() =>
        Prop.ForAll(
            Lines,
            line =>
            {
                if (CrontabSchedule.Of(line.When).Cron is not { } text)
                    return;
                var cron = CronExpression.Parse(text);
                foreach (var at in line.Minutes.Select(x => Year.AddMinutes(x)))
                    Assert.True(
                        Starts(line.When, at) == (cron.Next(at.AddMinutes(-1)) == at),
                        $"'{line.When}' as '{text}' at {at:s}"
                    );
            }
        );
}
