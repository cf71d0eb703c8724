using Npgsql;

namespace Nightshift.Plumbing.Lists;

/// <summary>What rows of a list must fulfil. Columns are the code's own words; values are parameters.</summary>
/// <param name="Column">The duplicated column of a row's property, as in <c>dag_id</c>.</param>
public abstract record RowCondition(string Column)
{
    /// <summary>True when every row fulfils it.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>The condition in SQL.</summary>
    /// <param name="column">The column with its table.</param>
    /// <param name="name">Begins the names of its parameters.</param>
    public abstract string Sql(string column, string name);

    /// <summary>Adds its values under those names.</summary>
    public abstract void AddTo(NpgsqlParameterCollection parameters, string name);
}

/// <summary>A column that rows must match; a null or empty list of values matches all.</summary>
/// <param name="Column">The column.</param>
/// <param name="Values">What it may hold.</param>
public sealed record RowFilter(string Column, params IReadOnlyList<string?>? Values) : RowCondition(Column)
{
    /// <inheritdoc/>
    public override bool IsEmpty => Values is not { Count: > 0 };

    // A single value as such: only then do the rows of an index keep their order.
    /// <inheritdoc/>
    public override string Sql(string column, string name) =>
        Values!.Count == 1 ? $"{column} = @{name}" : $"{column} = any(@{name})";

    /// <inheritdoc/>
    public override void AddTo(NpgsqlParameterCollection parameters, string name) =>
        parameters.AddWithValue(name, Values!.Count == 1 ? Values[0]! : Values.ToArray());
}

/// <summary>Bounds of a column: instants (UTC) or numbers; a null bound is none.</summary>
/// <param name="Column">The column.</param>
/// <param name="AtLeast">The least value, itself included.</param>
/// <param name="Above">The least value, itself not included.</param>
/// <param name="AtMost">The greatest value, itself included.</param>
/// <param name="Below">The greatest value, itself not included.</param>
public sealed record RowRange<T>(string Column, T? AtLeast, T? Above, T? AtMost, T? Below) : RowCondition(Column)
    where T : struct
{
    /// <inheritdoc/>
    public override bool IsEmpty => !Bounds.Any();

    /// <inheritdoc/>
    public override string Sql(string column, string name) =>
        string.Join(" and ", Bounds.Select(x => $"{column} {x.Operator} @{name}{x.Suffix}"));

    /// <inheritdoc/>
    public override void AddTo(NpgsqlParameterCollection parameters, string name)
    {
        foreach (var (suffix, _, value) in Bounds)
            parameters.AddWithValue(name + suffix, value);
    }

    IEnumerable<(string Suffix, string Operator, T Value)> Bounds =>
        new[] { ("_gte", ">=", AtLeast), ("_gt", ">", Above), ("_lte", "<=", AtMost), ("_lt", "<", Below) }
            .Where(x => x.Item3 is not null)
            .Select(x => (x.Item1, x.Item2, x.Item3!.Value));
}

/// <summary>
/// A column whose text must be like a pattern. Every row that fulfils the other conditions is looked at.
/// </summary>
/// <param name="Column">The column.</param>
/// <param name="Pattern">The pattern; null for any text.</param>
public sealed record RowPattern(string Column, SearchPattern? Pattern) : RowCondition(Column)
{
    /// <summary>Characters at the beginning that do not count.</summary>
    public int Behind { get; init; }

    /// <inheritdoc/>
    public override bool IsEmpty => Pattern is null;

    /// <inheritdoc/>
    public override string Sql(string column, string name) =>
        Behind == 0 ? $"{column} ilike any(@{name})" : $"substr({column}, {Behind + 1}) ilike any(@{name})";

    /// <inheritdoc/>
    public override void AddTo(NpgsqlParameterCollection parameters, string name) =>
        parameters.AddWithValue(name, Pattern!.Alternatives.ToArray());
}
