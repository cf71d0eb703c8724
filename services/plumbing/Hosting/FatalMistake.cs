using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Nightshift.Plumbing.Hosting;

/// <summary>
/// A mistake in the settings that shows only once the service runs: it ends the service as one found before would.
/// </summary>
public sealed class FatalMistake(IHostApplicationLifetime lifetime)
{
    OptionsValidationException? mistake;

    /// <summary>Stops the service; its program then says the sentence and ends with 78.</summary>
    /// <param name="sentence">Names the setting and says what to write instead.</param>
    public void End(string sentence)
    {
        Interlocked.CompareExchange(ref mistake, OptionsCheck.Mistake(sentence), null);
        lifetime.StopApplication();
    }

    internal void Throw()
    {
        if (mistake is not null)
            throw mistake;
    }
}
