using Weasel.Core.Partitioning;
using Weasel.Postgresql.Tables;
using Weasel.Postgresql.Tables.Partitioning;

namespace Nightshift.Plumbing.Partitions;

/// <summary>
/// A table whose rows are partitioned by the week they belong to, so that the old ones go with a dropped table and
/// not row by row.
/// </summary>
/// <param name="schema">Its schema.</param>
/// <param name="name">Its name.</param>
/// <param name="clock">Says which weeks are the coming ones.</param>
public sealed class WeeklyTable(string schema, string name, TimeProvider clock)
{
    /// <summary>Weeks made ahead. Rows of a week without partition go to the default one; nothing is refused.</summary>
    public const int WeeksAhead = 4;

    /// <summary>The column that holds the start of a row's week; the last of the primary key.</summary>
    public const string Column = "week";

    /// <summary>Its schema.</summary>
    public string Schema => schema;

    /// <summary>Its name without the schema.</summary>
    public string Name => name;

    /// <summary>Its name with the schema.</summary>
    public string QualifiedName => $"{schema}.{name}";

    /// <summary>This week and the coming ones; older ones stay until they are dropped.</summary>
    public ManagedRangePartitions Partitions { get; } =
        new(RollingWindowPolicy.Weekly(WeeksAhead, periodsBehind: 0), clock);

    /// <summary>Adds the column to the table's primary key and partitions the table by it.</summary>
    public void Partition(Table table)
    {
        table.AddColumn<DateTimeOffset>(Column).AsPrimaryKey();
        table.PartitionByRange(Column).UsePartitionManager(Partitions);
    }

    /// <summary>The start of the week that an instant is in: Monday 00:00 UTC.</summary>
    public DateTimeOffset WeekOf(DateTimeOffset instant) => Partitions.Policy.StartOfPeriod(instant.ToUniversalTime());

    /// <summary>The week of a partition by its name; null for one that is none of ours.</summary>
    internal DateTimeOffset? WeekOfPartition(string partition) =>
        partition.StartsWith($"{name}_", StringComparison.Ordinal)
        && Partitions.Policy.TryParseSuffix(partition[(name.Length + 1)..], out var start)
            ? start
            : null;
}
