using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Nightshift.Plumbing.Hosting;

/// <summary>
/// Settings a program cannot start with: their reader needs sentences, not the place in the code that found them.
/// </summary>
static partial class WrongSettings
{
    /// <summary>
    /// What the program ends with. <c>EX_CONFIG</c> of sysexits.h: starting it again changes nothing.
    /// </summary>
    public const int ExitCode = 78;

    /// <summary>Every mistake on a line of its own; null for a failure that settings are not to blame for.</summary>
    public static IReadOnlyList<string>? In(Exception e) =>
        e switch
        {
            OptionsValidationException options => [.. options.Failures.Select(x => Wrapping().Replace(x, "$1"))],
            AggregateException all when all.InnerExceptions.All(x => In(x) is not null) =>
            [
                .. all.InnerExceptions.SelectMany(x => In(x)!),
            ], // of several option records
            InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } =>
            [
                $"{e.Message} {e.InnerException?.Message}".TrimEnd(),
            ], // "ten" for a number
            _ => null,
        };

    // What ValidateDataAnnotations puts around the sentence on the property.
    [GeneratedRegex("^DataAnnotation validation failed for .* with the error: '(.*)'\\.$", RegexOptions.Singleline)]
    private static partial Regex Wrapping();
}
