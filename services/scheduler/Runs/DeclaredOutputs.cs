using System.Text.Json;
using Nightshift.DagFiles.Schemas;

namespace Nightshift.Scheduler.Runs;

/// <summary>What a task that succeeded handed on, beside what it declares.</summary>
/// <param name="Mistake">Why it does not keep to that; null when it does.</param>
/// <param name="Json">Declared outputs that are JSON and no text; null for none.</param>
sealed record DeclaredOutputs(string? Mistake, IReadOnlyList<string>? Json)
{
    static readonly DeclaredOutputs Nothing = new(null, null);

    /// <summary>Compares.</summary>
    /// <param name="task">The task.</param>
    /// <param name="outputs">Its outputs by name; null for one that it did not hand on.</param>
    public static DeclaredOutputs Of(TaskSpec task, Func<string, string?> outputs)
    {
        if (task.Outputs is null)
            return Nothing;
        var (violations, json) = (new List<SchemaViolation>(), new List<string>());
        foreach (var (name, declared) in task.Outputs)
            if (outputs(name) is not { } text)
                violations.Add(new($"output.{name}", $"it is missing; print '::output {name}=…'"));
            else if (declared.Schema is { } schema)
            {
                var value = ValueSchema.Of(schema).Read($"output.{name}", text, out var misfits);
                violations.AddRange(misfits);
                if (value.ValueKind is not JsonValueKind.String)
                    json.Add(name);
            }
        return violations.Count > 0
            ? new($"It does not hand on what it declares: {string.Join("; ", violations)}", null)
            : new(null, json.Count > 0 ? json : null);
    }
}
