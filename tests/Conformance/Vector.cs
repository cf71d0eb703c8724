using System.Text.Json;

namespace Nightshift.Conformance.Tests;

/// <summary>One expectation of a vector file.</summary>
/// <param name="Section">The property of the file it stands in: <c>vectors</c>, <c>table/all_success</c>,
/// <c>teardown</c>.</param>
/// <param name="Id">Its <c>id</c>, else its section and place.</param>
/// <param name="Data">An object, or a row such as <c>[["success"], "run"]</c>.</param>
public sealed record Vector(string Section, string Id, JsonElement Data)
{
    /// <summary>Text under a name; null when there is none.</summary>
    public string? Text(string name) =>
        Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>What stands under a name; null when nothing does, or null.</summary>
    public JsonElement? Find(string name) =>
        Data.ValueKind is JsonValueKind.Object
        && Data.TryGetProperty(name, out var value)
        && value.ValueKind is not JsonValueKind.Null
            ? value
            : null;
}

/// <summary>What became of a vector.</summary>
/// <param name="Outcome">Passed, failed or skipped.</param>
/// <param name="Text">What differs, or why it was skipped; empty when it passed.</param>
public sealed record VectorResult(VectorOutcome Outcome, string Text)
{
    public static VectorResult Skipped(string why) => new(VectorOutcome.Skipped, why);

    /// <summary>Passed when both print the same.</summary>
    public static VectorResult Compare(object? expected, object? actual)
    {
        var (left, right) = (expected?.ToString() ?? "none", actual?.ToString() ?? "none");
        return left == right
            ? new(VectorOutcome.Passed, "")
            : new(VectorOutcome.Failed, $"expected {left}, but was {right}");
    }
}

public enum VectorOutcome
{
    Passed,
    Failed,
    Skipped,
}

/// <summary>Runs the vectors of one kind. A new kind is a class in <c>Kinds/</c>; nothing else names it.</summary>
public interface IVectorKind
{
    /// <summary>Whether a vector is of this kind, by what it holds: files may have any name.</summary>
    bool Reads(Vector vector);

    /// <summary>Asks the product for its answer. What it throws is a failure of this vector.</summary>
    VectorResult Run(Vector vector);
}
