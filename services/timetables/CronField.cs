using System.Globalization;

namespace Nightshift.Timetables;

/// <summary>Which values a field of a cron expression may have, and what its values are called.</summary>
/// <param name="Title">For messages: <c>minute</c>.</param>
/// <param name="Min">The smallest value.</param>
/// <param name="Max">The largest value.</param>
/// <param name="Names">Names of values from <paramref name="Min"/> on; none for most fields.</param>
sealed record CronFieldKind(string Title, int Min, int Max, params IReadOnlyList<string> Names)
{
    public static readonly CronFieldKind Minute = new("minute", 0, 59);
    public static readonly CronFieldKind Hour = new("hour", 0, 23);
    public static readonly CronFieldKind DayOfMonth = new("day-of-month", 1, 31);
    public static readonly CronFieldKind Month = new(
        "month",
        1,
        12,
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    );
    public static readonly CronFieldKind DayOfWeek = new(
        "day-of-week",
        0,
        6,
        ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    );
    public static readonly CronFieldKind Second = new("second", 0, 59);
    public static readonly CronFieldKind Year = new("year", 1970, 2099);

    public int Size => Max - Min + 1;

    public CronFormatException Wrong(string item, string why) => new($"{Title} '{item}' {why}");

    /// <summary>Reads a number or a name; 7 is Sunday as 0 is.</summary>
    public int Value(string text, string item)
    {
        for (var i = 0; i < Names.Count; i++)
            if (Names[i] == text)
                return Min + i;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            throw Wrong(item, $"is neither a number nor a name; write {Min} to {Max}");
        if (this == DayOfWeek && value == 7)
            return 0;
        return value >= Min && value <= Max ? value : throw Wrong(item, $"is out of range; write {Min} to {Max}");
    }
}

/// <summary>The values of one field, in order.</summary>
/// <param name="Values">Each once, ascending.</param>
/// <param name="Any">The field holds <c>*</c>, so all values count.</param>
sealed record CronField(IReadOnlyList<int> Values, bool Any)
{
    public bool Has(int value) => Values.Contains(value);

    public IEnumerable<int> From(int value) => Values.Where(x => x >= value);

    public IEnumerable<int> DownFrom(int value) => Values.Reverse().Where(x => x <= value);

    /// <summary>Whether every value counts, however it was written: <c>*</c>, <c>*/1</c>, <c>0-59</c>.</summary>
    public bool IsFull(CronFieldKind kind) => Values.Count == kind.Size;

    /// <exception cref="CronFormatException">What is wrong.</exception>
    public static CronField Parse(CronFieldKind kind, string text)
    {
        var items = text.Split(',');
        var any = items.Contains("*");
        return new([.. items.SelectMany(x => Item(kind, x)).Distinct().Order()], any);
    }

    /// <summary>The values of one item of a list: <c>*</c>, <c>5</c>, <c>1-5</c>, <c>*/2</c>, <c>1-9/2</c>,
    /// <c>3/4</c> (from 3 on).</summary>
    public static IEnumerable<int> Item(CronFieldKind kind, string item)
    {
        var (span, step) = item.Split('/') switch
        {
            [var x] => (x, 1),
            [var x, var y] => (x, Step(kind, item, y)),
            _ => throw kind.Wrong(item, "has more than one /"),
        };
        return span.Split('-') switch
        {
            ["*"] => Cycle(kind, kind.Min, kind.Max, step),
            [var low] when item == span => [kind.Value(low, item)],
            [var low] => Cycle(kind, kind.Value(low, item), kind.Max, step),
            [var low, var high] => Range(kind, kind.Value(low, item), kind.Value(high, item), step),
            _ => throw kind.Wrong(item, "is no range; write two values, such as 1-5"),
        };
    }

    // A range may run over the end, as Nov-Feb does. From a value to itself it is the whole cycle, as Sun-Sun is.
    static IEnumerable<int> Range(CronFieldKind kind, int low, int high, int step) =>
        low == high ? Cycle(kind, kind.Min, kind.Max, step)
        : low < high ? Cycle(kind, low, high, step)
        : Cycle(kind, low, high + kind.Size, step);

    static IEnumerable<int> Cycle(CronFieldKind kind, int low, int high, int step)
    {
        for (long value = low; value <= high; value += step)
            yield return (int)(value > kind.Max ? value - kind.Size : value);
    }

    static int Step(CronFieldKind kind, string item, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step > 0
            ? step
            : throw kind.Wrong(item, "has no step; write a whole number from 1 after the /");
}
