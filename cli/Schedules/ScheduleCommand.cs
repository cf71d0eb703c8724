using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Nightshift.Cli.Client;
using Nightshift.Cli.Infrastructure;
using Nightshift.Timetables;
using NodaTime;

namespace Nightshift.Cli.Schedules;

/// <summary><c>nightshift schedule next</c>: when a cron expression ticks. Needs no running system.</summary>
public static class ScheduleCommand
{
    const int MostTicks = 1000;

    static readonly Argument<string> Cron = new("cron")
    {
        Description = "5 fields, 6 with seconds last, 7 with years, or a preset such as @daily; in quotes.",
    };

    static readonly Option<string> Timezone = new("--timezone")
    {
        Description = "IANA name of the zone whose clock is meant.",
        DefaultValueFactory = _ => TimeZones.Utc,
    };

    static readonly Option<int> Count = new("-n")
    {
        Description = $"How many ticks, 1 to {MostTicks}.",
        DefaultValueFactory = _ => 10,
    };

    static readonly Option<DateTimeOffset?> After = new("--after")
    {
        Description = "Ticks after this instant, such as 2027-03-27T00:00Z, instead of now.",
    };

    static readonly Option<GapPolicy?> OnGap = new("--on-gap")
    {
        Description = "What becomes of times the clock leaves out; as Airflow does when not given.",
    };

    static readonly Option<FoldPolicy?> OnFold = new("--on-fold")
    {
        Description = "When times come that the clock shows twice; as Airflow does when not given.",
    };

    public static Command Create()
    {
        var next = new Command("next", "Show when a cron expression ticks next, and what is often not meant in it.")
        {
            Cron,
            Timezone,
            Count,
            After,
            OnGap,
            OnFold,
            ClientCommand.JsonOption,
        };
        next.SetAction(Run);
        return new Command("schedule", "Look at schedules.") { next };
    }

    static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (text, zone) = (parsed.GetRequiredValue(Cron), Zone(parsed.GetValue(Timezone)!));
        var (cron, count) = (Parse(text), parsed.GetValue(Count));
        if (count is < 1 or > MostTicks)
            throw new ProblemException($"-n must be a number from 1 to {MostTicks}.");
        var after = parsed.GetValue(After) ?? TimeProvider.System.GetUtcNow();
        var (gap, fold) = (parsed.GetValue(OnGap), parsed.GetValue(OnFold));
        Ticks ticks =
            gap is null && fold is null
                ? new CronTicks(cron, zone)
                : new PolicyCronTicks(cron, zone, gap ?? GapPolicy.Shift, fold ?? FoldPolicy.Last);
        var preview = SchedulePreview.Of(cron, ticks, zone, after, count);
        var warnings = CronLint.Of(text, after.UtcDateTime).ToList();
        await parsed.InvocationConfiguration.Output.WriteAsync(
            parsed.GetValue(ClientCommand.JsonOption)
                ? Json(text, zone, preview, warnings)
                : Text(preview) + string.Concat(warnings.Select(x => $"Note: {x.Text}\n"))
        );
        return preview.Count > 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    static CronExpression Parse(string text)
    {
        try
        {
            return CronExpression.Parse(text);
        }
        catch (CronFormatException e)
        {
            throw new ProblemException(Terminal.Lines($"'{text}' is no cron expression: {e.Message}."));
        }
    }

    static DateTimeZone Zone(string name) =>
        TimeZones.Find(name)
        ?? throw new ProblemException(
            Terminal.Lines(
                $"'{name}' is no time zone; write an IANA name such as Europe/Berlin"
                    + (TimeZones.Nearest(name) is { } nearest ? $"; did you mean '{nearest}'?" : ".")
            )
        );

    static string Text(IReadOnlyList<PreviewedTick> ticks) =>
        Columns.Of(
            ["local", "utc", "clock"],
            ticks.Select(x =>
                new[]
                {
                    Shown(x.Local, "ddd yyyy-MM-dd HH:mm:ss zzz"),
                    Shown(x.Tick, "yyyy-MM-dd HH:mm:ss'Z'"),
                    x.Mark ?? "",
                }
            )
        );

    static string Json(
        string cron,
        DateTimeZone zone,
        IReadOnlyList<PreviewedTick> ticks,
        IReadOnlyList<CronWarning> warnings
    ) =>
        JsonSerializer
            .SerializeToElement(
                new
                {
                    cron,
                    timezone = zone.Id,
                    ticks = ticks.Select(x => new
                    {
                        run_after = Shown(x.Tick, "yyyy-MM-ddTHH:mm:ss'Z'"),
                        local = Shown(x.Local, "yyyy-MM-ddTHH:mm:sszzz"),
                        mark = x.Mark,
                    }),
                    warnings = warnings.Select(x => new { code = x.Code, text = x.Text }),
                }
            )
            .Pretty() + "\n";

    static string Shown(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
