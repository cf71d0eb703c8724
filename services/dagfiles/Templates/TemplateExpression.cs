using System.Text.RegularExpressions;

namespace Nightshift.DagFiles.Templates;

/// <summary>
/// One Liquid expression in braces whose value is wanted, not its text: <c>{{ tasks.list.output.files | uniq }}</c>.
/// </summary>
public static partial class TemplateExpression
{
    /// <summary>What is wrong with an expression; null when it parses.</summary>
    internal static string? MistakeIn(string text) =>
        Inner(text) is not { } inner
            ? "write one expression, such as '{{ tasks.list.output.files }}'"
            : TemplateText.MistakeIn(Template(inner));

    /// <summary>The names it uses, and whether it does so only under a condition.</summary>
    public static IReadOnlyList<(TemplateName Name, bool Conditional)> NamesIn(string text) =>
        TemplateText.NamesIn(Template(Inner(text) ?? ""));

    /// <summary>The name that is all of it, in its parts; null when it is more than a name.</summary>
    public static IReadOnlyList<string>? NameIn(string text) =>
        Inner(text) is { } inner && Name().IsMatch(inner) ? inner.Split('.') : null;

    /// <summary>Its value as JSON.</summary>
    /// <exception cref="TemplateException">It cannot be evaluated.</exception>
    internal static string Json(
        string text,
        IReadOnlyDictionary<string, object?> values,
        DateTimeOffset now,
        TemplateBudget budget
    ) => TemplateText.Render(Template(Inner(text) ?? ""), values, now, budget);

    static string Template(string inner) => $"{{{{ {inner} | json }}}}";

    // Null for what is more, or less, than one expression.
    static string? Inner(string text)
    {
        var trimmed = text.Trim();
        if (
            trimmed.Length < 4
            || !trimmed.StartsWith("{{", StringComparison.Ordinal)
            || !trimmed.EndsWith("}}", StringComparison.Ordinal)
        )
            return null;
        var inner = trimmed[2..^2].Trim('-').Trim();
        return
            inner.Length == 0
            || inner.Contains("{{", StringComparison.Ordinal)
            || inner.Contains("}}", StringComparison.Ordinal)
            || inner.Contains("{%", StringComparison.Ordinal)
            ? null
            : inner;
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*\z")]
    private static partial Regex Name();
}
