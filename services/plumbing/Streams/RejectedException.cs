namespace Nightshift.Plumbing.Streams;

/// <summary>A request that may not happen. Nothing was written; trying again gives the same answer.</summary>
/// <param name="code">Stable, for programs: <c>unknown_run</c>.</param>
/// <param name="text">For people: what is wrong and what to do instead.</param>
public sealed class RejectedException(string code, string text) : Exception(text)
{
    /// <summary>Stable, for programs.</summary>
    public string Code { get; } = code;

    /// <summary>True when the thing named does not exist; the HTTP edge answers 404 instead of 409.</summary>
    public bool NotFound => Code.StartsWith("unknown_", StringComparison.Ordinal);
}
