using System.Globalization;

namespace Nightshift.DagFiles.Templates;

/// <summary>What templates know of a run from its beginning. Outputs of tasks come while it runs.</summary>
public static class TemplateValues
{
    static readonly IReadOnlyDictionary<string, string> NoTrigger = new Dictionary<string, string>();

    static readonly IReadOnlyDictionary<string, string> APush = new[]
    {
        "event",
        "repository",
        "branch",
        "sha",
        "sender",
    }.ToDictionary(x => x);

    /// <summary>What templates in a task's environment may begin a name with.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Example(NoTrigger).Keys, "params", "tasks", "var"];

    /// <summary>What a run that a push started knows of it.</summary>
    public static IReadOnlyList<string> TriggerNames { get; } = [.. APush.Keys];

    /// <summary>The values that do not depend on the DAG's parameters.</summary>
    /// <param name="runId">The run's name.</param>
    /// <param name="logicalDate">Its logical date.</param>
    /// <param name="interval">Its data interval; null when it is the logical date alone.</param>
    /// <param name="trigger">What started it; empty unless a push did.</param>
    public static Dictionary<string, object?> OfRun(
        string runId,
        DateTimeOffset logicalDate,
        (DateTimeOffset Start, DateTimeOffset End)? interval,
        IReadOnlyDictionary<string, string> trigger
    ) =>
        new()
        {
            ["run_id"] = runId,
            ["ds"] = logicalDate.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["logical_date"] = Instant(logicalDate),
            ["data_interval_start"] = Instant(interval?.Start ?? logicalDate),
            ["data_interval_end"] = Instant(interval?.End ?? logicalDate),
            ["trigger"] = trigger.ToDictionary(x => x.Key, x => (object?)x.Value),
        };

    /// <summary>
    /// Why a parameter's default cannot be rendered in one of the ways its DAG starts by itself; null when it can.
    /// </summary>
    internal static string? MistakeInDefault(string text, bool scheduled, bool pushed, TemplateBudget budget)
    {
        try
        {
            if (scheduled || !pushed)
                TemplateText.Render(text, Example(NoTrigger), DateTimeOffset.UnixEpoch, budget);
            if (pushed)
                TemplateText.Render(text, Example(APush), DateTimeOffset.UnixEpoch, budget);
            return null;
        }
        catch (TemplateException e)
        {
            return e.Message;
        }
    }

    static Dictionary<string, object?> Example(IReadOnlyDictionary<string, string> trigger) =>
        OfRun("manual__dag__example", DateTimeOffset.UnixEpoch, interval: null, trigger);

    static string Instant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
