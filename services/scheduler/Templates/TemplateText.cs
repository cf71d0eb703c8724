using System.Globalization;
using Fluid;

namespace Nightshift.Scheduler.Templates;

/// <summary>
/// Liquid templates over a run's values. A name that does not exist is an error, not an empty string.
/// </summary>
public static class TemplateText
{
    const int MaxSteps = 10_000;
    const int MaxLength = 64 * 1024;
    static readonly FluidParser Parser = new();

    /// <summary>What is wrong with a template; null when it parses.</summary>
    public static string? MistakeIn(string text) =>
        Parser.TryParse(text, out _, out var error) ? null : Sentence(error);

    /// <summary>
    /// The names a template uses, and whether it does so only under a condition; none when it does not parse.
    /// </summary>
    public static IReadOnlyList<(TemplateName Name, bool Conditional)> NamesIn(string text)
    {
        if (!text.Contains('{') || !Parser.TryParse(text, out var template, out _))
            return [];
        var names = new TemplateNames();
        names.VisitTemplate(template);
        return names.Used;
    }

    /// <summary>Renders a template.</summary>
    /// <exception cref="UndefinedNameException">It names something that does not exist.</exception>
    /// <exception cref="TemplateException">It does not parse, or takes too long or too much space; the message says
    /// which.</exception>
    public static string Render(string text, IReadOnlyDictionary<string, object?> values)
    {
        if (!text.Contains('{'))
            return text;
        if (!Parser.TryParse(text, out var template, out var error))
            throw new TemplateException(Sentence(error));
        try
        {
            var result = Render(template, values);
            return result.Length <= MaxLength
                ? result
                : throw new TemplateException($"The result has {result.Length} characters; at most {MaxLength} fit");
        }
        catch (Exception e) when (e is not TemplateException)
        {
            throw Undefined(text, template, values) ?? new TemplateException($"'{text}': {e.Message}");
        }
    }

    // Fluid adds the line of the template, which whoever reads the file sees already.
    static string Sentence(string error) => error.Split('\n')[0].TrimEnd();

    static string Render(IFluidTemplate template, IReadOnlyDictionary<string, object?> values)
    {
        var options = new TemplateOptions
        {
            MaxSteps = MaxSteps,
            CultureInfo = CultureInfo.InvariantCulture,
            StrictVariables = true,
        };
        var context = new TemplateContext(options);
        foreach (var (name, value) in values)
            context.SetValue(name, value);
        return template.Render(context, NullEncoder.Default);
    }

    // Only a template that failed is rendered this way, to learn which name it was.
    static UndefinedNameException? Undefined(
        string text,
        IFluidTemplate template,
        IReadOnlyDictionary<string, object?> values
    )
    {
        try
        {
            Render(new UndefinedNames(text).VisitTemplate(template), values);
            return null;
        }
        catch (UndefinedNameException e)
        {
            return e;
        }
        catch (Exception) // it failed for another reason, which is known already
        {
            return null;
        }
    }
}

/// <summary>A template could not be rendered.</summary>
public class TemplateException(string message) : Exception(message);

/// <summary>A template names something that does not exist.</summary>
public sealed class UndefinedNameException(string text, TemplateName name)
    : TemplateException($"'{text}': there is no '{name.Written}'")
{
    /// <summary>What it names.</summary>
    public TemplateName Name { get; } = name;
}
