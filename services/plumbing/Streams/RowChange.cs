namespace Nightshift.Plumbing.Streams;

/// <summary>
/// A statement that keeps a row of another table in step with a stream, such as the slots that a task holds.
/// </summary>
/// <param name="Sql">The statement, with <c>?</c> for each value.</param>
/// <param name="Values">The values, in order; none is null.</param>
public sealed record RowChange(string Sql, params IReadOnlyList<object> Values)
{
    /// <summary>True, the default, when somebody may wait for it: <c>RowsChanged</c> of the stream's definition is
    /// called once it is committed.</summary>
    public bool IsAwaited { get; init; } = true;
}
