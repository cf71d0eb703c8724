using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Nightshift.Plumbing.Hosting;

/// <summary>Checks settings that are needed before there is a container to validate them.</summary>
public static class OptionsCheck
{
    /// <summary>Reports every mistake at once.</summary>
    /// <exception cref="OptionsValidationException">At least one setting is wrong.</exception>
    public static T Require<T>(T options)
        where T : class
    {
        var mistakes = new List<ValidationResult>();
        if (Validator.TryValidateObject(options, new ValidationContext(options), mistakes, validateAllProperties: true))
            return options;
        throw new OptionsValidationException("Nightshift", typeof(T), mistakes.Select(x => x.ErrorMessage ?? ""));
    }

    /// <summary>A mistake that no annotation finds.</summary>
    /// <param name="sentence">Names the setting and says what to write instead.</param>
    public static OptionsValidationException Mistake(string sentence) =>
        new("Nightshift", typeof(NightshiftOptions), [sentence]);
}
