using System.Globalization;
using System.Text.RegularExpressions;
using Nightshift.DagFiles;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>Periods between runs as DAG files have them.</summary>
static partial class AirflowPeriod
{
    static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Elapsed time, as <c>every</c> and <c>interval</c> have it; null when they cannot.</summary>
    public static string? OfElapsed(TimeSpan period) =>
        period >= TimeSpan.FromSeconds(1) && period <= Longest && period.Ticks % TimeSpan.TicksPerMillisecond == 0
            ? Durations.Write(period)
            : null;

    /// <summary>A <c>dateutil.relativedelta</c> of months, of years or of elapsed time; null for a mixture.</summary>
    public static string? OfCalendar(AirflowValue delta)
    {
        var parts = delta.Members().Where(x => !x.Value.IsEmpty && x.Value.Number is not 0).ToList();
        if (parts.Any(x => x.Value.Number is not (> 0 and <= 1200) || x.Value.Number % 1 != 0))
            return null;
        double Of(string unit) => delta.At(unit).Number ?? 0;
        var months = Of("years") * 12 + Of("months");
        var elapsed =
            TimeSpan.FromDays(Of("days"))
            + TimeSpan.FromHours(Of("hours"))
            + TimeSpan.FromMinutes(Of("minutes"))
            + TimeSpan.FromSeconds(Of("seconds"));
        var known = parts.All(x => x.Name is "years" or "months" or "days" or "hours" or "minutes" or "seconds");
        return !known || months > 0 && elapsed > TimeSpan.Zero || months > 1200 ? null
            : months > 0 ? (months % 12 == 0 ? $"{months / 12}y" : $"{months}mo")
            : OfElapsed(elapsed);
    }

    /// <summary>What Python writes of a <c>timedelta</c>, such as <c>1 day, 0:00:00</c>; null for another
    /// text.</summary>
    public static TimeSpan? Parse(string text) =>
        PythonDuration().Match(text) is { Success: true } match ? Duration(match) : null;

    static TimeSpan Duration(Match match) =>
        TimeSpan.FromDays(Part(match, "days"))
        + TimeSpan.FromHours(Part(match, "hours"))
        + TimeSpan.FromMinutes(Part(match, "minutes"))
        + TimeSpan.FromSeconds(Part(match, "seconds"));

    static int Part(Match match, string name) =>
        int.TryParse(match.Groups[name].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : 0;

    [GeneratedRegex(@"\A(?:(?<days>\d{1,6}) days?, )?(?<hours>\d{1,2}):(?<minutes>\d\d):(?<seconds>\d\d)\z")]
    private static partial Regex PythonDuration();
}
