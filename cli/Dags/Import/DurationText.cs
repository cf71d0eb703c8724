using System.Globalization;

namespace Nightshift.Cli.Dags.Import;

/// <summary>Durations as DAG files have them: a whole number and one unit.</summary>
static class DurationText
{
    static readonly (string Unit, TimeSpan One)[] Units =
    [
        ("d", TimeSpan.FromDays(1)),
        ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    /// <summary>The longest <c>timeout</c> and <c>retry_delay</c> that a DAG file may have.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>In the largest unit of which it is a multiple; what is less than a millisecond is cut off.</summary>
    public static string Of(TimeSpan duration)
    {
        var ticks = duration.Ticks - duration.Ticks % TimeSpan.TicksPerMillisecond;
        if (ticks == 0)
            return "0s";
        var (unit, one) = Units.First(x => ticks % x.One.Ticks == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{ticks / one.Ticks}{unit}");
    }
}
