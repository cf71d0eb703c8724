namespace Nightshift.Timetables;

/// <summary>Names for cron expressions, as Airflow has them.</summary>
public static class CronPresets
{
    /// <summary>One run, as soon as possible; no cron expression.</summary>
    public const string Once = "@once";

    /// <summary>A run as soon as the one before has ended; no cron expression.</summary>
    public const string Continuous = "@continuous";

    /// <summary>The expression of each name.</summary>
    public static IReadOnlyDictionary<string, string> Expressions { get; } =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["@hourly"] = "0 * * * *",
            ["@daily"] = "0 0 * * *",
            ["@midnight"] = "0 0 * * *",
            ["@weekly"] = "0 0 * * 0",
            ["@monthly"] = "0 0 1 * *",
            ["@quarterly"] = "0 0 1 */3 *",
            ["@yearly"] = "0 0 1 1 *",
            ["@annually"] = "0 0 1 1 *",
        };

    /// <summary>The expression of a name; the text itself when it is none.</summary>
    public static string Expand(string text) => Expressions.GetValueOrDefault(text.Trim(), text);
}
