using System.Globalization;
using System.Text;

namespace Nightshift.Bench.Chaos;

/// <summary>One row: what became of the load while one part was killed.</summary>
/// <param name="Part">The part.</param>
/// <param name="Kills">How often it was killed.</param>
/// <param name="LongestStall">The longest any open run stood still; null when none did anything.</param>
/// <param name="AcceptedTwice">Tasks with more than one accepted result.</param>
/// <param name="NotEnded">Runs that are open, lost, or ended without a result of each task.</param>
/// <param name="Failed">Runs that failed.</param>
sealed record ChaosRow(string Part, int Kills, Stall? LongestStall, int AcceptedTwice, int NotEnded, int Failed);

/// <summary>The table and what was found.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Rows">One for each part, before them one for the time without kills.</param>
/// <param name="Violations">Promises that were not kept; none when all is well.</param>
/// <param name="Runs">Runs of the load.</param>
/// <param name="Tasks">Tasks of these runs.</param>
/// <param name="Deliveries">Deliveries of the load.</param>
sealed record ChaosReport(
    ChaosOptions Options,
    IReadOnlyList<ChaosRow> Rows,
    IReadOnlyList<Violation> Violations,
    int Runs,
    int Tasks,
    int Deliveries
)
{
    /// <summary>Of each promise so many violations are shown.</summary>
    const int MostShown = 10;

    /// <summary>Checks what was seen.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="seen">What is in the streams.</param>
    /// <param name="others">What was found outside the streams.</param>
    public static ChaosReport Of(ChaosOptions options, Observation seen, IReadOnlyList<Violation> others)
    {
        var stalls = StreamChecker.Stalls(seen).ToList();
        var longest = stalls.GroupBy(x => x.Part).ToDictionary(x => x.Key, Longest);
        Violation[] violations =
        [
            .. stalls.Where(x => x.Length > x.Limit).OrderByDescending(x => x.Length).Select(TooLong),
            .. StreamChecker.Violations(seen),
            .. others,
        ];
        string[] parts = [Observation.Undisturbed, .. seen.Disturbances.Select(x => x.Part).Distinct()];
        return new(
            options,
            [.. parts.Select(Row)],
            violations,
            seen.Runs.Count,
            seen.Runs.Sum(x => x.Tasks.Count),
            seen.Deliveries.Count
        );

        ChaosRow Row(string part) =>
            new(
                part,
                seen.Disturbances.Count(x => x.Part == part),
                longest.GetValueOrDefault(part),
                Count(part, Promise.AcceptedOnce),
                Count(part, Promise.Ends),
                Count(part, Promise.Succeeds)
            );
        int Count(string part, Promise promise) => violations.Count(x => x.Part == part && x.Promise == promise);
    }

    /// <summary>The report for people.</summary>
    public string ToText()
    {
        var text = new StringBuilder("\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"seed {Options.Seed}, {Runs} runs with {Tasks} tasks, {Deliveries} deliveries; load of the machine {LoadAverage()}\n\n"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"{"part killed", -18} {"kills", 5} {"longest stall", 13} {"limit", 6}"
        );
        text.Append(CultureInfo.InvariantCulture, $" {"accepted twice", 14} {"runs not ended", 14} {"failed", 6}\n");
        foreach (var row in Rows)
            text.Append(Line(row));
        foreach (var kind in Violations.GroupBy(x => x.Promise))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{kind.Key}: not kept {kind.Count()} times\n");
            foreach (var x in kind.Take(MostShown))
                text.Append(CultureInfo.InvariantCulture, $"  [{x.Part}] {x.Detail}\n");
        }
        return text.Append(Violations.Count == 0 ? "\nEvery promise was kept." : "\nPromises were broken.").ToString();
    }

    static string Line(ChaosRow row) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Part, -18} {row.Kills, 5} {Seconds(row.LongestStall?.Length), 13} "
                + $"{Seconds(KillPlan.StallLimit(row.Part)), 6} {row.AcceptedTwice, 14} {row.NotEnded, 14} {row.Failed, 6}\n"
        );

    static string Seconds(TimeSpan? time) =>
        time is { } x ? string.Create(CultureInfo.InvariantCulture, $"{x.TotalSeconds:0.0} s") : "";

    static Stall Longest(IEnumerable<Stall> stalls) => stalls.MaxBy(x => x.Length)!;

    static Violation TooLong(Stall stall) =>
        new(
            stall.Part,
            Promise.GoesOn,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{stall.RunId} stood still for {stall.Length.TotalSeconds:0.0} s after {stall.After} at {stall.From:HH:mm:ss.fff}"
            )
        );

    static string LoadAverage() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
