using System.Globalization;
using Nightshift.DagFiles.Yaml;
using Nightshift.Timetables;

namespace Nightshift.DagFiles.Fields;

/// <summary>The fields of a schedule that says more than a cron expression.</summary>
static class ScheduleFields
{
    /// <summary>The fields.</summary>
    public static FieldTable<ScheduleDraft> Table { get; } =
        new FieldTable<ScheduleDraft>()
            .Add(
                "cron",
                CronShapes.Crons,
                (schedule, x) => schedule with { Crons = x },
                "When it ticks, on the clock of its time zone. Of several expressions, two ticks at the same instant "
                    + "are one.",
                "\"0 9 * * 1-5\""
            )
            .Add(
                "every",
                Every(),
                (schedule, x) => schedule with { Every = x },
                "A period instead. Whole days tick at midnight, other periods at their multiples since "
                    + "1970-01-01T00:00Z, and with `start` each tick is a period after the one before. Months and "
                    + "years (`1mo`, `1y`) need a `start`.",
                "15m"
            )
            .Add(
                "at",
                Instants(),
                (schedule, x) => schedule with { At = x },
                "Points in time instead. Those without an offset are times on the clock of the time zone.",
                "[2026-03-01T09:00Z]"
            )
            .Add(
                "timezone",
                CronShapes.Timezone,
                (schedule, x) => schedule with { Timezone = x },
                "The time zone, instead of the DAG's.",
                "Europe/Berlin"
            )
            .Add(
                "catchup",
                Shapes.Flag,
                (schedule, x) => schedule with { Catchup = x },
                "Whether missed ticks are made up for, instead of the DAG's `catchup`.",
                "true"
            )
            .Add(
                "start",
                PointInTime.Shape,
                (schedule, x) => schedule with { Start = x },
                "No tick before this.",
                "2026-03-01"
            )
            .Add(
                "end",
                PointInTime.Shape,
                (schedule, x) => schedule with { End = x },
                "No tick after this.",
                "2027-03-01T09:00Z"
            )
            .Add(
                "interval",
                Interval(),
                (schedule, x) => schedule with { Interval = x },
                "With `true`, a run covers the time between two ticks and starts at its end. With a duration, it "
                    + "covers that much before its tick.",
                "true",
                "false"
            )
            .Add(
                "run_immediately",
                RunImmediately(),
                (schedule, x) => schedule with { RunImmediately = x.Policy },
                "What is done about the tick before the schedule begins: with `true` it runs, with a duration it runs "
                    + "when it is not older, with `auto` when it is not older than a tenth of the time between "
                    + "ticks, or than five minutes when that is more.",
                "auto",
                "false"
            )
            .Add(
                "jitter",
                Shapes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
                (schedule, x) => schedule with { Jitter = x },
                "Runs start up to this much after their tick, each tick always by the same delay.",
                "5m"
            )
            .Add(
                "on_gap",
                Shapes.Choice(Words<GapPolicy>()),
                (schedule, x) => schedule with { OnGap = x },
                "What becomes of a tick that the clock leaves out in spring. Without it, what Airflow does.",
                "skip"
            )
            .Add(
                "on_fold",
                Shapes.Choice(Words<FoldPolicy>()),
                (schedule, x) => schedule with { OnFold = x },
                "When a tick comes that the clock shows twice in autumn. Without it, what Airflow does.",
                "both"
            );

    /// <summary>The fields of which a schedule has exactly one.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["cron", "every", "at"];

    // Enough for a year of days, and small beside the rest of a file.
    const int MostInstants = 500;

    static Dictionary<string, T> Words<T>()
        where T : struct, Enum => Enum.GetValues<T>().ToDictionary(x => x.ToString().ToLowerInvariant());

    static Shape<Period> Every() =>
        Shape.Of(
            "a duration from 1s to 366d, or weeks, months or years",
            JsonSchemas.Matching("[0-9]+(?:ms|s|m|h|d|w|mo|y)"),
            (reader, node, what) =>
                CalendarPeriod((node as YamlScalar)?.Text ?? "")
                ?? (
                    reader.Duration(node, what, TimeSpan.FromSeconds(1), TimeSpan.FromDays(366)) is { } elapsed
                        ? new Period(0, elapsed)
                        : null
                )
        );

    // "1mo", "2y" and "1w", which no duration has.
    static Period? CalendarPeriod(string text)
    {
        var unit = text.TrimStart("0123456789".ToCharArray());
        if (
            !int.TryParse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count is < 1 or > 1200
        )
            return null;
        return unit switch
        {
            "w" => new(0, TimeSpan.FromDays(7 * count)),
            "mo" => new(count, null),
            "y" => new(12 * count, null),
            _ => null,
        };
    }

    static Shape<IReadOnlyList<PointInTime>> Instants() =>
        Shape.Of<IReadOnlyList<PointInTime>>(
            $"a list of 1 to {MostInstants} dates and times",
            JsonSchemas
                .Type("array")
                .With("minItems", 1)
                .With("maxItems", MostInstants)
                .With("items", PointInTime.Shape.Schema.DeepClone()),
            ReadInstants
        );

    static IReadOnlyList<PointInTime>? ReadInstants(YamlReader reader, YamlNode node, string what)
    {
        if (node is YamlSequence { Items: { Count: > 0 and <= MostInstants } items })
            return [.. items.Select(x => PointInTime.Read(reader, x, what)).OfType<PointInTime>()];
        reader.Wrong(node, $"{what} must list 1 to {MostInstants} instants such as 2026-03-01T09:00Z");
        return null;
    }

    static Shape<TimeSpan> Span => Shapes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(366));

    static Shape<Interval> Interval() =>
        Shape.Of(
            $"`true`, `false`, or {Span.Type}",
            JsonSchemas.AnyOf(JsonSchemas.Type("boolean"), Span.Schema),
            (reader, node, what) =>
                node is YamlScalar { Kind: ScalarKind.Boolean } ? new(reader.Flag(node, what) is true, null)
                : Span.Read(reader, node, what, out var before) ? new(false, before)
                : (Interval?)null
        );

    static Shape<Immediately> RunImmediately() =>
        Shape.Of(
            $"`true`, `false`, `auto`, or {Span.Type}",
            JsonSchemas.AnyOf(JsonSchemas.Type("boolean"), JsonSchemas.OneOf(["auto"]), Span.Schema),
            (reader, node, what) =>
                node switch
                {
                    YamlScalar { Text: "auto" } => new Immediately(new(Always: false, Within: null)),
                    YamlScalar { Kind: ScalarKind.Boolean } => new(
                        reader.Flag(node, what) is true ? new(Always: true, Within: null) : null
                    ),
                    _ => Span.Read(reader, node, what, out var within) ? new(new(Always: false, within)) : null,
                }
        );

    sealed record Immediately(RunImmediately? Policy);
}
