namespace Nightshift.Plumbing.Streams;

/// <summary>A request that may not happen. Nothing was written; trying again gives the same answer.</summary>
/// <param name="code">Stable, for programs: <c>unknown_run</c>.</param>
/// <param name="text">For people: what is wrong and what to do instead.</param>
public sealed class RejectedException(string code, string text) : Exception(text)
{
    /// <summary>Stable, for programs.</summary>
    public string Code { get; } = code;

    /// <summary>What is wrong with which part of the request, by its path, such as <c>params.limit</c>; null when the
    /// text says it all.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; init; }

    /// <summary>True when the thing named does not exist; the HTTP edge answers 404 instead of 409.</summary>
    public bool NotFound => Code.StartsWith("unknown_", StringComparison.Ordinal);
}
