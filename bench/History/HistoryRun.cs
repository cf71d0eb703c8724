using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench.History;

/// <summary>
/// Compares two systems of its own, one with a day and one with a month of history. They are measured alternately, so
/// that what else the machine does meets both.
/// </summary>
sealed class HistoryRun(string checkout, HistoryOptions options)
{
    readonly HistorySystem day = new(checkout, Home.Find("history/day"), HistorySize.Day);
    readonly HistorySystem month = new(checkout, Home.Find("history/month"), HistorySize.Month(options.Tasks));

    /// <returns>0 when a month costs no more than <see cref="HistoryReport.Limit"/> times the day, else 1.</returns>
    public async Task<int> Run(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var system in (HistorySystem[])[day, month])
                if (!options.Reuse || !await system.IsFilled(cancellationToken))
                    await system.Prepare(cancellationToken);
            var (before, after) = (new List<IReadOnlyList<Measured>>(), new List<IReadOnlyList<Measured>>());
            for (var round = 0; round < options.Rounds; round++)
            {
                before.Add(await day.Measure(cancellationToken));
                after.Add(await month.Measure(cancellationToken));
            }
            return Report(HistoryReport.Of(before, after, HistoryReport.LimitOf(options.Tasks)));
        }
        finally
        {
            await day.Down();
            await month.Down();
        }
    }

    int Report(HistoryReport report)
    {
        var size = HistorySize.Month(options.Tasks);
        Console.WriteLine();
        Console.WriteLine(
            $"A month of {size.Tasks} task instances and {size.Ticks} ticks against a day of {HistorySize.Day.Tasks} "
                + $"task instances; medians of {options.Rounds} rounds; at most {report.Limit} is asked for."
        );
        Console.WriteLine(report.ToText());
        return report.TooDear.Any() ? 1 : 0;
    }
}
