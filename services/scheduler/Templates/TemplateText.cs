using System.Globalization;
using Fluid;

namespace Nightshift.Scheduler.Templates;

/// <summary>Liquid templates over a run's values. A name that does not exist is an error, not an empty string.</summary>
public static class TemplateText
{
    const int MaxSteps = 10_000;
    const int MaxLength = 64 * 1024;
    static readonly FluidParser Parser = new();

    /// <summary>What is wrong with a template; null when it parses.</summary>
    public static string? MistakeIn(string text) => Parser.TryParse(text, out _, out var error) ? null : error;

    /// <summary>Renders a template.</summary>
    /// <exception cref="TemplateException">It names something that does not exist, or takes too long or too much space; the message says which.</exception>
    public static string Render(string text, IReadOnlyDictionary<string, object?> values)
    {
        if (!text.Contains('{')) return text;
        if (!Parser.TryParse(text, out var template, out var error)) throw new TemplateException(error);
        var options = new TemplateOptions { MaxSteps = MaxSteps, CultureInfo = CultureInfo.InvariantCulture, StrictVariables = true };
        var context = new TemplateContext(options);
        foreach (var (name, value) in values) context.SetValue(name, value);
        try
        {
            var result = template.Render(context, NullEncoder.Default);
            return result.Length <= MaxLength ? result : throw new TemplateException($"The result has {result.Length} characters; at most {MaxLength} fit");
        }
        catch (Exception e) when (e is not TemplateException)
        {
            throw new TemplateException($"'{text}': {e.Message}");
        }
    }
}

/// <summary>A template could not be rendered.</summary>
public sealed class TemplateException(string message) : Exception(message);
