using System.Globalization;

namespace Nightshift.DagFiles;

/// <summary>Durations as people write them: a whole number and one unit.</summary>
static class Durations
{
    static readonly (string Unit, TimeSpan One)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

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

    public static string Write(TimeSpan duration)
    {
        var (unit, one) = Units.Last(x => x.One <= duration && duration.Ticks % x.One.Ticks == 0 || x.Unit == "ms");
        return duration == TimeSpan.Zero ? "0s" : $"{duration.Ticks / one.Ticks}{unit}";
    }
}
