namespace Nightshift.DagFiles.Templates;

/// <summary>
/// A Liquid condition as it stands inside <c>{% if … %}</c>: <c>params.full and tasks.count.output.rows > 0</c>. It may
/// be written as <c>{{ … }}</c>.
/// </summary>
static class TemplateCondition
{
    /// <summary>What is wrong with a condition; null when it parses.</summary>
    public static string? MistakeIn(string condition)
    {
        var inner = Inner(condition);
        if (inner.Length == 0)
            return "it is empty; write a condition such as 'params.full', or leave the key out";
        return HasBraces(inner)
            ? "write the condition alone, such as 'params.full and tasks.count.output.rows > 0'"
            : TemplateText.MistakeIn(Template(condition));
    }

    /// <summary>The template that renders to something when the condition holds, and to nothing otherwise.</summary>
    public static string Template(string condition) => $"{{% if {Inner(condition)} %}}true{{% endif %}}";

    /// <exception cref="TemplateException">It cannot be evaluated.</exception>
    public static bool Holds(
        string condition,
        IReadOnlyDictionary<string, object?> values,
        DateTimeOffset now,
        TemplateBudget budget
    ) => TemplateText.Render(Template(condition), values, now, budget).Length > 0;

    static string Inner(string condition)
    {
        var text = condition.Trim();
        return text.StartsWith("{{", StringComparison.Ordinal) && text.EndsWith("}}", StringComparison.Ordinal)
            ? text[2..^2].Trim()
            : text;
    }

    static bool HasBraces(string text) =>
        text.Contains("{{", StringComparison.Ordinal)
        || text.Contains("}}", StringComparison.Ordinal)
        || text.Contains("{%", StringComparison.Ordinal)
        || text.Contains("%}", StringComparison.Ordinal);
}
