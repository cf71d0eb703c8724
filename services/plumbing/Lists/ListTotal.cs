using System.Text.Json;
using Npgsql;

namespace Nightshift.Plumbing.Lists;

/// <summary>How many rows a list has in all.</summary>
public static class ListTotal
{
    /// <summary>More rows than this are not counted but estimated by the planner.</summary>
    public const int CountedUpTo = 1_000;

    /// <summary>
    /// From this estimate on nothing is counted: counting a thousand entries of an index costs more than the page does.
    /// Estimates are rarely further off than by half.
    /// </summary>
    const int EstimatedFrom = CountedUpTo * 3 / 2;

    /// <summary>The total.</summary>
    /// <param name="seen">Rows up to the end of the page that was read.</param>
    /// <param name="isWhole">True when there is none before and behind those.</param>
    /// <param name="hasMore">True when there is one behind them.</param>
    /// <param name="estimate">Explains the query of all rows, as JSON.</param>
    /// <param name="count">Counts them, to one more than <see cref="CountedUpTo"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The total, at least as large as what is known to be there: clients that page by offset go on until they
    /// have so many. And whether it is exact.</returns>
    public static async Task<(long Total, bool IsExact)> Of(
        long seen,
        bool isWhole,
        bool hasMore,
        NpgsqlCommand estimate,
        NpgsqlCommand count,
        CancellationToken cancellationToken
    )
    {
        if (isWhole)
            return (seen, true);
        var least = seen + (hasMore ? 1 : 0);
        using var plan = JsonDocument.Parse((string)(await estimate.ExecuteScalarAsync(cancellationToken))!);
        var estimated = (long)plan.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetDouble();
        if (estimated >= EstimatedFrom)
            return (Math.Max(estimated, least), false);
        var counted = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
        return counted <= CountedUpTo
            ? (Math.Max(counted, least), true)
            : (Math.Max(Math.Max(estimated, counted), least), false);
    }
}
