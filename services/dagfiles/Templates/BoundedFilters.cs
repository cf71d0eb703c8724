using System.Text.RegularExpressions;
using Fluid;
using Fluid.Filters;
using Fluid.Values;

namespace Nightshift.DagFiles.Templates;

/// <summary>
/// Liquid's filters, each held to <see cref="TemplateLimits.Length"/> and to the budget before it works. Fluid 2.41
/// bounds only the number of statements; 30 doublings with <c>append</c> are 30 statements.
/// </summary>
static partial class BoundedFilters
{
    // What a filter may make before the result is measured: 4 MiB.
    const long MaxTransient = 16L * TemplateLimits.Length;

    // Fluid's own, which format with .NET's patterns and pad to any width.
    static readonly string[] Unsafe = ["format_number", "format_string", "format_date"];

    /// <summary>The filters there are, by name.</summary>
    public static FilterCollection All { get; } = Build();

    static FilterCollection Build()
    {
        var filters = new FilterCollection();
        filters.WithArrayFilters().WithStringFilters().WithNumberFilters().WithMiscFilters();
        foreach (var name in Unsafe)
            filters.Remove(name);
        foreach (var (name, filter) in filters.ToList())
            filters.AddFilter(name, Bounded(name, filter));
        return filters;
    }

    static FilterDelegate Bounded(string name, FilterDelegate filter) =>
        async (input, arguments, context) =>
        {
            var given = Enumerable.Range(0, arguments.Count).Select(arguments.At).ToList();
            var (size, with) = (TemplateLimits.SizeOf(input), given.Sum(x => TemplateLimits.SizeOf(x)));
            // A search may compare each character of one with each of the other, several at once.
            TemplateBudget.Of(context).Charge(1 + size + with + size * with / 4096);
            if (Largest(name, size, given) > MaxTransient)
                throw TooLong();
            Check(name, size, given);
            return Measured(await filter(input, arguments, context));
        };

    static long Largest(string name, long size, List<FluidValue> given) =>
        name switch
        {
            "replace" => size / Math.Max(1, At(given, 0).Length) * At(given, 1).Length + size + At(given, 1).Length,
            "join" => size * (1 + At(given, 0).Length),
            _ => 8 * (size + given.Sum(x => TemplateLimits.SizeOf(x))), // escapes are the longest: 7 for 1
        };

    static void Check(string name, long size, List<FluidValue> given)
    {
        if (name is "date" && Width().IsMatch(At(given, 0)))
            throw new TemplateException("A date may be padded to at most 99 characters");
        if (name is "time_zone" && At(given, 0).Equals("local", StringComparison.OrdinalIgnoreCase))
            throw new TemplateException("'local' is another zone on each machine; name it, such as 'Europe/Berlin'");
        if (name is "handle" or "handleize" && size > 4096) // twice the length goes onto the stack
            throw TooLong();
    }

    static string At(List<FluidValue> given, int position) =>
        position < given.Count ? given[position].ToStringValue() : "";

    /// <summary>The value, unless it is too long.</summary>
    public static FluidValue Measured(FluidValue value) =>
        TemplateLimits.SizeOf(value) <= TemplateLimits.Length ? value : throw TooLong();

    /// <summary>The error of a value beyond <see cref="TemplateLimits.Length"/>.</summary>
    public static TemplateException TooLong() =>
        new($"A value or the result has more than {TemplateLimits.Length} characters; make it shorter");

    [GeneratedRegex("%[-_^#:]*[0-9]{3}")]
    private static partial Regex Width();
}
