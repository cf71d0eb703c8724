using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Variables;

/// <summary>One variable, folded from its events.</summary>
/// <param name="Content">What it has; null when there is no such variable.</param>
public sealed record Variable(VariableContent? Content)
{
    /// <summary>Before the first event.</summary>
    public static Variable None { get; } = new(Content: null);

    /// <summary>How variables' streams are named and folded, and the row that is kept of each variable.</summary>
    public static StreamDefinition<Variable> Stream { get; } =
        new("variable-", typeof(VariableEvent), None, Evolve) { Rows = static (_, _, e) => [VariableTable.Change(e)] };

    /// <summary>The state after one more event.</summary>
    public static Variable Evolve(Variable variable, object @event) =>
        @event switch
        {
            VariableSet x => new(new VariableContent(x.Value, x.Description)),
            VariableDeleted => None,
            _ => variable,
        };
}

/// <summary>What a variable has; as in <see cref="VariableSet"/>.</summary>
public sealed record VariableContent(string Value, string? Description);
