using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// The outputs beside a run's stream, and the variables, that a decision may read, as far as they are loaded. It notes
/// which others were asked for: what was decided without them does not count.
/// </summary>
/// <param name="loaded">Values by hash; null for one that is not stored any more.</param>
/// <param name="variables">Values of variables by key; null for one that does not exist.</param>
public sealed class OutputValues(
    IReadOnlyDictionary<string, string?> loaded,
    IReadOnlyDictionary<string, string?>? variables = null
)
{
    readonly HashSet<string> missing = [];
    readonly HashSet<string> missingVariables = [];

    readonly Dictionary<string, IReadOnlyList<object>> lists = new(ReferenceEqualityComparer.Instance);

    /// <summary>With nothing loaded.</summary>
    public OutputValues()
        : this(new Dictionary<string, string?>()) { }

    /// <summary>Hashes that were asked for and are not loaded.</summary>
    public IReadOnlyCollection<string> Missing => missing;

    /// <summary>Keys of variables that were asked for and are not loaded.</summary>
    public IReadOnlyCollection<string> MissingVariables => missingVariables;

    /// <summary>True when all that was asked for was there.</summary>
    public bool AreComplete => missing.Count == 0 && missingVariables.Count == 0;

    /// <summary>A variable's value; null when there is none, and an empty text in the place of one that is not
    /// loaded.</summary>
    public string? Variable(string key)
    {
        if (variables?.TryGetValue(key, out var value) is true)
            return value;
        missingVariables.Add(key);
        return "";
    }

    /// <summary>A task's output of that name; null when it handed on none.</summary>
    /// <param name="inline">The outputs in the stream.</param>
    /// <param name="stored">The outputs beside it; null for none.</param>
    /// <param name="name">Which.</param>
    /// <exception cref="TemplateException">The value is not stored any more.</exception>
    public string? Find(
        IReadOnlyDictionary<string, string> inline,
        IReadOnlyDictionary<string, ValueReference>? stored,
        string name
    ) =>
        inline.TryGetValue(name, out var value) ? value
        : stored?.GetValueOrDefault(name) is { } reference ? Find(reference)
        : null;

    /// <summary>The value; an empty text in the place of one that is not loaded.</summary>
    /// <exception cref="TemplateException">The value is not stored any more.</exception>
    public string Find(ValueReference reference)
    {
        if (loaded.TryGetValue(reference.Sha256, out var value))
            return value ?? throw new TemplateException($"An output of {reference.Bytes} bytes is not stored any more");
        missing.Add(reference.Sha256);
        return "";
    }

    /// <summary>The list of a text, which is parsed once for all the tasks that have an item of it.</summary>
    internal IReadOnlyList<object> ListOf(string text, Func<IReadOnlyList<object>> parse) =>
        lists.TryGetValue(text, out var list) ? list : lists[text] = parse();
}
