using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Nightshift.Executor.Logs;

/// <summary>
/// What a task has told Nightshift so far. The same lines give the same answer, also when read again after a restart.
/// </summary>
/// <param name="Outputs">Values by name; the last one written counts.</param>
/// <param name="FirstWarning">Its first warning, if any.</param>
/// <param name="Mistake">Why its outputs cannot be taken as they are; null when they can. The first one stands: the
/// attempt fails with it.</param>
public sealed record TaskMessages(
    ImmutableSortedDictionary<string, string> Outputs,
    string? FirstWarning,
    string? Mistake = null
)
{
    /// <summary>Outputs at most; one more is a mistake.</summary>
    public const int MostOutputs = 64;

    /// <summary>Bytes of one output at most (UTF-8); a longer one is a mistake.</summary>
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
            WorkflowCommand.Output x => Set(x.Name, x.Value),
            WorkflowCommand.Warning x => Warn(x.Text),
            _ => this,
        };

    /// <summary>What it has told after one more output.</summary>
    public TaskMessages Set(string name, string value)
    {
        if (Encoding.UTF8.GetByteCount(value) is > LongestOutput and var bytes)
            return Wrong(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The output '{name}' has {bytes:N0} bytes or more; the limit is 32 KiB ({LongestOutput:N0} bytes)"
                )
            );
        return Outputs.Count >= MostOutputs && !Outputs.ContainsKey(name)
            ? Wrong($"The output '{name}' is one too many; the limit is {MostOutputs} outputs")
            : this with
            {
                Outputs = Outputs.SetItem(name, value),
            };
    }

    /// <summary>What it has told, with a mistake in its outputs.</summary>
    public TaskMessages Wrong(string mistake) => Mistake is null ? this with { Mistake = mistake } : this;

    /// <summary>What it has told, with a warning.</summary>
    public TaskMessages Warn(string text) => FirstWarning is null ? this with { FirstWarning = text } : this;
}
