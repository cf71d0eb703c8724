using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Npgsql;

namespace Nightshift.Plumbing.Streams;

/// <summary>
/// A statement that changes rows in the transaction of a stream's events: rows that are kept in step with the stream,
/// such as the slots that a task holds, its timers and its long values.
/// </summary>
/// <param name="Sql">The statement, with <c>?</c> for each value, and none anywhere else.</param>
/// <param name="Values">The values, in order; none is null.</param>
public sealed record RowChange(string Sql, params IReadOnlyList<object> Values)
{
    static readonly ConcurrentDictionary<string, string> Numbered = [];

    /// <summary>True, the default, when somebody may wait for it: <c>RowsChanged</c> of the stream's definition is
    /// called once it is committed.</summary>
    public bool IsAwaited { get; init; } = true;

    internal NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(Numbered.GetOrAdd(Sql, Number));
        foreach (var value in Values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    static string Number(string sql)
    {
        var numbered = new StringBuilder();
        foreach (var (index, part) in sql.Split('?').Index())
            (index == 0 ? numbered : numbered.Append(CultureInfo.InvariantCulture, $"${index}")).Append(part);
        return numbered.ToString();
    }
}
