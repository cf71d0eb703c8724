using System.Text.RegularExpressions;
using Nightshift.Timetables;

namespace Nightshift.Cli.Dags.Import.Crontab;

/// <summary>Translates the times of a crontab line where cron and DAG files differ.</summary>
static partial class CrontabSchedule
{
    /// <summary>The expression for the DAG file, or why there is none.</summary>
    public static (string? Cron, string? Problem) Of(string when)
    {
        if (when.StartsWith('@'))
            return Named(when.ToLowerInvariant());
        if (when.Contains('~', StringComparison.Ordinal))
            return (null, "A random time (~) has no counterpart; choose a time, and spread starts with 'jitter'");
        var fields = when.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        // In a DAG file, as in Airflow, a range from a value to itself means every value.
        var cron = string.Join(' ', fields.Select(x => WholeStep().Replace(SingleRange().Replace(x, "$1"), "*")));
        try
        {
            var expression = CronExpression.Parse(cron);
            return !expression.HasDays() ? (null, $"'{when}' never comes: no year has such a day")
                : expression.IsUnionOfDays == IsEither(fields[2], fields[4]) ? (cron, null)
                : (
                    null,
                    $"'{when}' means days that fit both day of month and weekday, for which there is no expression"
                );
        }
        catch (CronFormatException e)
        {
            return (null, $"'{when}' is no schedule: {e.Message}");
        }
    }

    static (string?, string?) Named(string name) =>
        name switch
        {
            "@reboot" => (null, "Nothing runs when the machine starts; use a service of the system for that"),
            "@every_minute" => ("* * * * *", null),
            _ when CronPresets.Expressions.ContainsKey(name) => (name, null),
            _ => (null, $"'{name}' is no schedule; write @hourly, @daily, @weekly, @monthly or @yearly"),
        };

    // cron looks at the first sign alone: */2 counts as a star, and then both fields must fit.
    static bool IsEither(string day, string weekday) => !day.StartsWith('*') && !weekday.StartsWith('*');

    [GeneratedRegex(@"\b(\w+)-\1(?:/\d+)?(?![\w-])", RegexOptions.IgnoreCase)]
    private static partial Regex SingleRange();

    [GeneratedRegex(@"\A\*/1\z")]
    private static partial Regex WholeStep();
}
