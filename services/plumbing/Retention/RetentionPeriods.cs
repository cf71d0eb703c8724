using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Nightshift.Plumbing.Retention;

/// <summary>How long one kind of data is kept after it ended.</summary>
/// <param name="Setting">Its setting in section <c>Retention</c>, as in <c>Runs</c>; environment
/// <c>Retention__Runs</c>.</param>
/// <param name="Default">When it is not set.</param>
public sealed record RetentionPeriod(string Setting, TimeSpan Default)
{
    /// <summary>The shortest period: what is younger may still be asked about, or be repeated by others.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromDays(1);

    /// <summary>The period in force; zero keeps for ever.</summary>
    /// <exception cref="OptionsValidationException">The setting is no such period.</exception>
    public TimeSpan Read(IConfiguration configuration) =>
        configuration[$"Retention:{Setting}"] switch
        {
            null or "" => Default,
            var text
                when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var period)
                    && (period == TimeSpan.Zero || period >= Shortest) => period,
            var text => throw new OptionsValidationException(
                "Retention",
                typeof(RetentionPeriod),
                [$"Retention:{Setting} is '{text}'; write at least a day, as in 90.00:00:00, or 0 to keep for ever"]
            ),
        };
}
