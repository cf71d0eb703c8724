using System.Globalization;
using Fluid;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Templates;

/// <summary>
/// Liquid templates over a run's values. A name that does not exist is an error, not an empty string, unless
/// <c>default</c> follows it. Nothing a template says can use more than its limits of memory and work.
/// </summary>
public static class TemplateText
{
    static readonly FluidParser Parser = new();
    static readonly IReadOnlyList<string> Filters = [.. BoundedFilters.All.Select(x => x.Key).Order()];
    static readonly Lazy<TemplateOptions> Options = new(WithBounds);

    /// <summary>True when a text has something to render.</summary>
    public static bool IsTemplate(string text) =>
        text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal);

    /// <summary>What is wrong with a template; null when it parses and its filters exist.</summary>
    public static string? MistakeIn(string text)
    {
        if (!IsTemplate(text))
            return null;
        if (TemplateLimits.Mistake(text) is { } mistake)
            return mistake;
        if (!Parser.TryParse(text, out var template, out var error))
            return Sentence(error);
        var names = new TemplateNames();
        names.VisitTemplate(template);
        return names.Filters.FirstOrDefault(x => !Filters.Contains(x)) is { } unknown
            ? $"there is no filter '{unknown}'{YamlReader.Suggestion(unknown, Filters)}"
            : null;
    }

    /// <summary>
    /// The names a template uses, and whether it does so only under a condition; none when it does not parse.
    /// </summary>
    public static IReadOnlyList<(TemplateName Name, bool Conditional)> NamesIn(string text)
    {
        if (
            !IsTemplate(text)
            || TemplateLimits.Mistake(text) is not null
            || !Parser.TryParse(text, out var template, out _)
        )
            return [];
        var names = new TemplateNames();
        names.VisitTemplate(template);
        return names.Used;
    }

    /// <summary>Renders a template.</summary>
    /// <param name="text">The template.</param>
    /// <param name="values">What it may name.</param>
    /// <param name="now">What it means by <c>now</c>.</param>
    /// <param name="budget">What it may do, with those rendered before.</param>
    /// <exception cref="UndefinedNameException">It names something that does not exist.</exception>
    /// <exception cref="TemplateException">It does not parse, does too much, or makes U+0000; the message says
    /// which.</exception>
    internal static string Render(
        string text,
        IReadOnlyDictionary<string, object?> values,
        DateTimeOffset now,
        TemplateBudget budget
    )
    {
        if (!IsTemplate(text))
            return text;
        if (TemplateLimits.Mistake(text) is { } mistake)
            throw new TemplateException(mistake);
        budget.Charge(text.Length);
        if (!Parser.TryParse(text, out var template, out var error))
            throw new TemplateException(Sentence(error));
        try
        {
            var made = Render(new GuardedTemplate(text).VisitTemplate(template), values, now, budget);
            return made.Contains('\0') // out of a JSON value
                ? throw new TemplateException(
                    $"'{YamlReader.Shown(text)}' makes the character U+0000, which no program takes and no event keeps"
                )
                : made;
        }
        catch (Exception e) when (e is not TemplateException) // a filter that does not fit its input, for instance
        {
            throw new TemplateException($"'{YamlReader.Shown(text)}': {e.Message}");
        }
    }

    // Instants without a zone are UTC on every host.
    static TemplateOptions WithBounds()
    {
        var options = new TemplateOptions
        {
            MaxSteps = TemplateLimits.Steps,
            CultureInfo = CultureInfo.InvariantCulture,
            TimeZone = TimeZoneInfo.Utc,
            StrictFilters = true,
            Captured = (_, value, _) => BoundedFilters.Measured(value),
        };
        options.Filters.Clear();
        foreach (var (name, filter) in BoundedFilters.All)
            options.Filters.AddFilter(name, filter);
        return options;
    }

    // Fluid adds the line of the template, which whoever reads the file sees already.
    static string Sentence(string error) => error.Split('\n')[0].TrimEnd();

    static string Render(
        IFluidTemplate template,
        IReadOnlyDictionary<string, object?> values,
        DateTimeOffset now,
        TemplateBudget budget
    )
    {
        var context = new TemplateContext(Options.Value) { Now = () => now };
        budget.Set(context);
        foreach (var (name, value) in values)
            context.SetValue(name, value);
        using var writer = new BoundedWriter();
        var rendering = template.RenderAsync(writer, NullEncoder.Default, context).AsTask();
        rendering.GetAwaiter().GetResult(); // nothing in it waits
        return writer.ToString();
    }

    sealed class BoundedWriter : StringWriter
    {
        public override void Write(char value)
        {
            Check(1);
            base.Write(value);
        }

        public override void Write(string? value)
        {
            Check(value?.Length ?? 0);
            base.Write(value);
        }

        public override void Write(char[] buffer, int index, int count)
        {
            Check(count);
            base.Write(buffer, index, count);
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            Check(buffer.Length);
            base.Write(buffer);
        }

        void Check(int more)
        {
            if (GetStringBuilder().Length + more > TemplateLimits.Length)
                throw BoundedFilters.TooLong();
        }
    }
}

/// <summary>A template could not be rendered.</summary>
public class TemplateException(string message) : Exception(message);

/// <summary>A template names something that does not exist.</summary>
public sealed class UndefinedNameException(string text, TemplateName name)
    : TemplateException($"'{YamlReader.Shown(text)}': there is no '{YamlReader.Shown(name.Written)}'")
{
    /// <summary>What it names.</summary>
    public TemplateName Name { get; } = name;
}
