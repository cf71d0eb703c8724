namespace Nightshift.Conformance.Tests;

/// <summary>What became of the vectors of a file.</summary>
public sealed record VectorReport(string File, IReadOnlyList<(Vector Vector, VectorResult Result)> Results)
{
    public int Count(VectorOutcome outcome) => Results.Count(x => x.Result.Outcome == outcome);

    public IEnumerable<string> Failures =>
        Results
            .Where(x => x.Result.Outcome is VectorOutcome.Failed)
            .Select(x => $"{File} {x.Vector.Id}: {x.Result.Text}");

    /// <summary>Why vectors were skipped, and how many for each reason.</summary>
    public IEnumerable<string> Skips =>
        Results
            .Where(x => x.Result.Outcome is VectorOutcome.Skipped)
            .GroupBy(x => x.Result.Text)
            .Select(x => $"{x.Count()} skipped: {x.Key}");

    public override string ToString() =>
        $"{File}: {Count(VectorOutcome.Passed)} passed, {Count(VectorOutcome.Failed)} failed, "
        + $"{Count(VectorOutcome.Skipped)} skipped";
}

/// <summary>Runs vectors by the kinds this program has.</summary>
public static class VectorRun
{
    static readonly IReadOnlyList<IVectorKind> Kinds =
    [
        .. typeof(VectorRun)
            .Assembly.GetTypes()
            .Where(x => x is { IsClass: true, IsAbstract: false } && x.IsAssignableTo(typeof(IVectorKind)))
            .OrderBy(x => x.Name, StringComparer.Ordinal)
            .Select(x => (IVectorKind)Activator.CreateInstance(x)!),
    ];

    public static VectorReport Of(VectorFile file) => new(file.Name, [.. file.Vectors.Select(x => (x, Run(x)))]);

    static VectorResult Run(Vector vector)
    {
        try
        {
            return Kinds.FirstOrDefault(x => x.Reads(vector)) is { } kind
                ? kind.Run(vector)
                : VectorResult.Skipped($"no reader for {vector.Text("kind") ?? "this kind of vector"}");
        }
        catch (Exception e) // one vector that cannot be read must not hide what the others show
        {
            return new(VectorOutcome.Failed, $"{e.GetType().Name}: {e.Message}");
        }
    }
}
