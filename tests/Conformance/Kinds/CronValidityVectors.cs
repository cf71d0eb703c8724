using System.Globalization;
using System.Text.Json;
using Nightshift.Timetables;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary><c>{"check": "parse" | "is_valid" | "match" | "match_range", "expression": …}</c></summary>
public sealed class CronValidityVectors : IVectorKind
{
    static readonly string[] Known = ["strict", "strict_year", "precision_in_seconds"];

    public bool Reads(Vector vector) => vector.Text("check") is not null && vector.Text("expression") is not null;

    public VectorResult Run(Vector vector)
    {
        var options = Options(vector);
        if (options.TryGetValue("day_or", out var either) && either.GetBoolean())
            options.Remove("day_or"); // the default
        if (options.Keys.Except(Known).Any())
            return VectorResult.Skipped("an option of croniter that Airflow never sets");
        return vector.Text("check") switch
        {
            "match" => Match(vector, options, Time(vector, "at"), Time(vector, "at")),
            "match_range" => Match(vector, options, Time(vector, "from"), Time(vector, "to")),
            _ => VectorResult.Compare(vector.Find("expected_valid")!.Value.GetBoolean(), IsValid(vector, options)),
        };
    }

    static bool IsValid(Vector vector, Dictionary<string, JsonElement> options)
    {
        try
        {
            var cron = CronExpression.Parse(vector.Text("expression")!);
            var strict = options.TryGetValue("strict", out var flag) && flag.GetBoolean();
            return !strict || cron.HasDays(Years(options));
        }
        catch (CronFormatException)
        {
            return false;
        }
    }

    // The last tick up to the end of the range lies in it, or in the same minute, or second, as its beginning.
    static VectorResult Match(Vector vector, Dictionary<string, JsonElement> options, DateTime from, DateTime to)
    {
        var cron = CronExpression.Parse(vector.Text("expression")!);
        var precision =
            options.TryGetValue("precision_in_seconds", out var seconds) ? seconds.GetInt32()
            : cron.HasSeconds ? 1
            : 60;
        var end = to.Ticks % TimeSpan.TicksPerSecond == 0 ? to.AddTicks(TimeSpan.TicksPerMicrosecond) : to;
        var matches = cron.Previous(end) is { } last && end - last < to - from + TimeSpan.FromSeconds(precision);
        return VectorResult.Compare(vector.Find("expected_match")!.Value.GetBoolean(), matches);
    }

    static Dictionary<string, JsonElement> Options(Vector vector) =>
        vector.Find("options")?.EnumerateObject().ToDictionary(x => x.Name, x => x.Value) ?? [];

    static IReadOnlyList<int>? Years(Dictionary<string, JsonElement> options) =>
        !options.TryGetValue("strict_year", out var year) ? null
        : year.ValueKind is JsonValueKind.Array ? [.. year.EnumerateArray().Select(x => x.GetInt32())]
        : [year.GetInt32()];

    static DateTime Time(Vector vector, string name) =>
        DateTime.Parse(vector.Text(name)!, CultureInfo.InvariantCulture);
}
