using System.Globalization;

namespace Nightshift.DagFiles;

/// <summary>Durations as people write them: a whole number and one unit.</summary>
public static class Durations
{
    static readonly (string Unit, TimeSpan One)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads one, such as <c>5m</c>.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var (unit, one) = Units.FirstOrDefault(x => x.Unit == text[digits..]);
        if (
            unit is null
            || !int.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        )
            return false;
        duration = one * count;
        return true;
    }

    /// <summary>Writes one in the largest unit of which it is a multiple; what is less than a millisecond is cut
    /// off.</summary>
    public static string Write(TimeSpan duration)
    {
        var ticks = duration.Ticks - duration.Ticks % TimeSpan.TicksPerMillisecond;
        var (unit, one) = Units.Last(x => ticks % x.One.Ticks == 0);
        return ticks == 0 ? "0s" : string.Create(CultureInfo.InvariantCulture, $"{ticks / one.Ticks}{unit}");
    }
}
