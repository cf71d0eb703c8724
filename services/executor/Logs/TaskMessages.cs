using System.Collections.Immutable;
using System.Text;

namespace Nightshift.Executor.Logs;

/// <summary>
/// What a task has told Nightshift so far. The same lines give the same answer, also when read again after a restart.
/// </summary>
/// <param name="Outputs">Values by name; the last one printed counts.</param>
/// <param name="FirstWarning">Its first warning, if any.</param>
public sealed record TaskMessages(ImmutableSortedDictionary<string, string> Outputs, string? FirstWarning)
{
    /// <summary>Outputs at most; further names are left out with a warning.</summary>
    public const int MostOutputs = 64;

    /// <summary>Bytes of one output at most (UTF-8); a longer one is left out with a warning.</summary>
    public const int LongestOutput = 32 * 1024;

    /// <summary>Nothing yet.</summary>
    public static readonly TaskMessages Nothing = new(
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal),
        FirstWarning: null
    );

    /// <summary>What it has told after one more line.</summary>
    public TaskMessages Hear(string line) =>
        WorkflowCommand.Parse(line) switch
        {
            WorkflowCommand.Output x when Encoding.UTF8.GetByteCount(x.Value) > LongestOutput => Warn(
                $"The output {x.Name} is longer than {LongestOutput} bytes and was left out"
            ),
            WorkflowCommand.Output x when !Outputs.ContainsKey(x.Name) && Outputs.Count == MostOutputs => Warn(
                $"There are more than {MostOutputs} outputs; {x.Name} was left out"
            ),
            WorkflowCommand.Output x => this with { Outputs = Outputs.SetItem(x.Name, x.Value) },
            WorkflowCommand.Warning x => Warn(x.Text),
            _ => this,
        };

    TaskMessages Warn(string text) => FirstWarning is null ? this with { FirstWarning = text } : this;
}
