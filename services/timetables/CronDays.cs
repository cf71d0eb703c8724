using System.Globalization;

namespace Nightshift.Timetables;

/// <summary>
/// The days of a cron expression. Day-of-month and day-of-week both restricted mean either; with <c>#</c>, a last
/// weekday (<c>L5</c>) or a nearest weekday (<c>15W</c>), which name days of a month themselves, they mean both.
/// </summary>
sealed class CronDays
{
    readonly CronField days;
    readonly CronField weekdays;
    readonly IReadOnlyList<(int Weekday, int Nth)> nth; // 0 for the last
    readonly int? nearestWeekdayTo;
    readonly bool lastDay;
    readonly bool anyDay;
    readonly bool anyWeekday;

    /// <exception cref="CronFormatException">What is wrong.</exception>
    public CronDays(string dayOfMonth, string dayOfWeek)
    {
        nearestWeekdayTo = NearestWeekday(dayOfMonth);
        lastDay = dayOfMonth.Split(',').Contains("l");
        days = nearestWeekdayTo is not null
            ? new([], Any: false)
            : Parse(CronFieldKind.DayOfMonth, Without(dayOfMonth, "l").Replace("-l", "-31", StringComparison.Ordinal));
        (weekdays, nth) = Weekdays(dayOfWeek);
        anyDay = days.Any || days.IsFull(CronFieldKind.DayOfMonth) && Holds(dayOfWeek, '*');
        anyWeekday = weekdays.Any || weekdays.IsFull(CronFieldKind.DayOfWeek) && Holds(dayOfMonth, '*');
    }

    /// <summary>Both fields are restricted and either is enough, which surprises many.</summary>
    public bool IsUnion => !anyDay && !anyWeekday && nth.Count == 0 && nearestWeekdayTo is null;

    public bool Has(DateTime date) =>
        IsUnion ? HasDay(date) || weekdays.Has((int)date.DayOfWeek) : HasDay(date) && HasWeekday(date);

    bool HasDay(DateTime date) =>
        nearestWeekdayTo is { } day
            ? date.Day == NearestWeekday(date, day)
            : anyDay || days.Has(date.Day) || lastDay && date.Day == Length(date);

    bool HasWeekday(DateTime date) =>
        nth.Count == 0
            ? anyWeekday || weekdays.Has((int)date.DayOfWeek)
            : nth.Any(x =>
                x.Weekday == (int)date.DayOfWeek
                && (x.Nth == 0 ? date.Day > Length(date) - 7 : x.Nth == (date.Day + 6) / 7)
            );

    // The nearest Monday to Friday of the same month; a day the month does not have is its last.
    static int NearestWeekday(DateTime month, int day)
    {
        var nearest = new DateTime(month.Year, month.Month, Math.Min(day, Length(month)));
        return nearest.DayOfWeek switch
        {
            DayOfWeek.Saturday => nearest.Day == 1 ? 3 : nearest.Day - 1,
            DayOfWeek.Sunday => nearest.Day == Length(month) ? nearest.Day - 2 : nearest.Day + 1,
            _ => nearest.Day,
        };
    }

    static int Length(DateTime month) => DateTime.DaysInMonth(month.Year, month.Month);

    static int? NearestWeekday(string text)
    {
        if (!Holds(text, 'w'))
            return null;
        var number = text.StartsWith('w') ? text[1..] : text[..^1];
        return
            number.All(char.IsAsciiDigit)
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var day)
            && day is >= 1 and <= 31
            ? day
            : throw CronFieldKind.DayOfMonth.Wrong(text, "is no nearest weekday; write one day such as 15W, alone");
    }

    static (CronField, IReadOnlyList<(int, int)>) Weekdays(string text)
    {
        var items = text.Split(',');
        var nth = items.SelectMany(Nth).ToList();
        var plain = items.Where(x => !Nth(x).Any()).ToList();
        if (nth.Count == 0)
            return (Parse(CronFieldKind.DayOfWeek, text), []);
        var rest =
            plain.Count == 0 ? new CronField([], Any: false) : Parse(CronFieldKind.DayOfWeek, string.Join(',', plain));
        return rest.Values.Count == 0 || rest.IsFull(CronFieldKind.DayOfWeek)
            ? (rest, nth)
            : throw CronFieldKind.DayOfWeek.Wrong(text, "mixes weekdays with those of one week of the month");
    }

    // "fri#2", "mon-fri#1" and "l5", the last Friday.
    static IEnumerable<(int Weekday, int Nth)> Nth(string item)
    {
        if (item.StartsWith('l') && item.Length > 1)
            return [(CronFieldKind.DayOfWeek.Value(item[1..], item), 0)];
        if (!Holds(item, '#'))
            return [];
        return item.Split('#') is [var weekdays, [>= '1' and <= '5'] week]
            ? CronField.Item(CronFieldKind.DayOfWeek, weekdays).Select(x => (x, week[0] - '0'))
            : throw CronFieldKind.DayOfWeek.Wrong(item, "names no week of the month; write # and 1 to 5, as in fri#2");
    }

    static CronField Parse(CronFieldKind kind, string text) =>
        text.Length == 0 ? new([], Any: false) : CronField.Parse(kind, text is "?" ? "*" : text);

    static string Without(string list, string item) =>
        list == item ? "" : string.Join(',', list.Split(',').Where(x => x != item));

    static bool Holds(string text, char sign) => text.Contains(sign, StringComparison.Ordinal);
}
