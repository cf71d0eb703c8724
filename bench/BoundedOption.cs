using System.CommandLine;
using System.Globalization;

namespace Nightshift.Bench;

/// <summary>Options that take a whole number within bounds.</summary>
static class BoundedOption
{
    /// <param name="name">The option's name, with its dashes.</param>
    /// <param name="description">What it is for, without a full stop; the bounds are added.</param>
    /// <param name="usual">The value when it is left out.</param>
    /// <param name="least">The smallest value.</param>
    /// <param name="most">The largest value.</param>
    public static Option<int> Create(string name, string description, int usual, int least, int most)
    {
        var option = new Option<int>(name)
        {
            Description = $"{description}, {least} to {most}.",
            DefaultValueFactory = _ => usual,
        };
        // What is no number has no value to ask for, and asking for it throws.
        option.Validators.Add(x =>
        {
            if (x.Tokens is [{ Value: var text }] && !(Number(text) is { } value && value >= least && value <= most))
                x.AddError($"{name} is {text}; write a number from {least} to {most}.");
        });
        return option;
    }

    static int? Number(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
