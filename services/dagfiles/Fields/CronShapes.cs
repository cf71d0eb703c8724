using System.Text.Json.Nodes;
using Nightshift.DagFiles.Yaml;
using Nightshift.Timetables;

namespace Nightshift.DagFiles.Fields;

/// <summary>Cron expressions and the zones whose clocks they mean.</summary>
static class CronShapes
{
    const int MostCrons = 50;

    static readonly IReadOnlyList<string> Presets =
    [
        .. CronPresets.Expressions.Keys,
        CronPresets.Once,
        CronPresets.Continuous,
    ];

    // Presets may have any case; a preset with a typing error is left to the reader, which names them.
    static JsonObject CronSchema => JsonSchemas.Matching(@"@[A-Za-z]+|\s*[^\s@]\S*(?:\s+\S+){4,6}\s*");

    /// <summary>One cron expression or preset, or several.</summary>
    public static Shape<IReadOnlyList<string>> Crons { get; } =
        Shape.Of<IReadOnlyList<string>>(
            "a cron expression, a preset, or a list of them",
            CronSchema
                .With("type", new JsonArray("string", "array"))
                .With("items", CronSchema)
                .With("minItems", 1)
                .With("maxItems", MostCrons),
            ReadCrons
        );

    /// <summary>A time zone.</summary>
    public static Shape<string> Timezone { get; } =
        Shape.Of("a time zone of the tz database", JsonSchemas.Type("string").With("minLength", 1), ReadTimezone);

    static IReadOnlyList<string>? ReadCrons(YamlReader reader, YamlNode node, string what)
    {
        if (node is YamlScalar)
            return Cron(reader, node, what) is { } one ? [one] : null;
        if (node is not YamlSequence { Items: { Count: > 0 and <= MostCrons } items })
        {
            reader.Wrong(
                node,
                $"{what} must be a cron expression or a list: it must list 1 to {MostCrons} cron expressions"
            );
            return null;
        }
        var crons = items.Select(x => Cron(reader, x, $"An entry of {what}")).ToList();
        if (crons.Contains(null))
            return null;
        if (crons.Count > 1 && crons.FindIndex(x => x is CronPresets.Once or CronPresets.Continuous) is >= 0 and var i)
            reader.Wrong(items[i], $"'{crons[i]}' stands alone; remove it from the list");
        return [.. crons.OfType<string>()];
    }

    static string? Cron(YamlReader reader, YamlNode node, string what)
    {
        var text = reader.Text(node, what);
        if (text is null or CronPresets.Once or CronPresets.Continuous)
            return text;
        if (CronPresets.Expressions.TryGetValue(text, out var preset))
            return preset;
        try
        {
            if (CronExpression.Parse(text).HasDays())
                return text;
            reader.Wrong(
                node,
                $"'{YamlReader.Shown(text)}' never comes: no year has such a day; correct the day or the month"
            );
        }
        catch (CronFormatException e)
        {
            reader.Wrong(
                node,
                $"'{YamlReader.Shown(text)}' is no schedule ({e.Message}); write five cron fields such as "
                    + $"\"0 9 * * 1-5\", or one of {string.Join(", ", Presets)}"
            );
        }
        return null;
    }

    static string? ReadTimezone(YamlReader reader, YamlNode node, string what)
    {
        var zone = reader.Text(node, what);
        if (zone is null || TimeZones.Find(zone) is not null)
            return zone;
        reader.Wrong(
            node,
            $"'{YamlReader.Shown(zone)}' is no time zone; write an IANA name such as Europe/Berlin"
                + (TimeZones.Nearest(zone) is { } nearest ? $"; did you mean '{nearest}'?" : "")
        );
        return null;
    }
}
