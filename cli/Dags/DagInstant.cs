using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Nightshift.Cli.Client;
using Nightshift.Timetables;
using NodaTime;

namespace Nightshift.Cli.Dags;

/// <summary>Instants on the command line. One that is written without a zone is local time of the DAG.</summary>
static class DagInstant
{
    /// <summary>An option whose value is an instant, as text.</summary>
    public static Option<string?> Option(string name, string description)
    {
        var option = new Option<string?>(name)
        {
            Description =
                $"{description} Such as 2026-03-01, 2026-03-01T09:00 (of the DAG's time zone) or 2026-03-01T09:00Z.",
            HelpName = "time",
        };
        option.Validators.Add(x =>
        {
            foreach (var token in x.Tokens.Where(t => Parse(t.Value) is null))
                x.AddError($"{name} is '{token.Value}'; write a time such as 2026-03-01T09:00 or 2026-03-01T09:00Z");
        });
        return option;
    }

    /// <summary>The instant that an option's value means for a DAG.</summary>
    /// <param name="text">The value; null for none.</param>
    /// <param name="dag">The DAG, as the API shows it.</param>
    public static DateTimeOffset? Of(string? text, JsonElement dag) =>
        text is null ? null
        : Parse(text) is not { Kind: DateTimeKind.Unspecified } local
            ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)
        : LocalDateTime
            .FromDateTime(local)
            .InZoneLeniently(TimeZones.Find(dag.Text("timezone")) ?? DateTimeZone.Utc)
            .ToDateTimeOffset();

    static DateTime? Parse(string text) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? time : null;
}
