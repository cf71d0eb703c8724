using System.Text;

namespace Nightshift.Executor.Attempts;

/// <summary>An exception in one line that any table and page can take.</summary>
static class ExceptionLine
{
    const int Longest = 500;

    /// <summary>Its type and message. What is no character becomes U+FFFD, and a control character a space.</summary>
    public static string Of(Exception e)
    {
        var line = new StringBuilder();
        foreach (var rune in $"{e.GetType().Name}: {e.Message}".EnumerateRunes())
            if (line.Length < Longest)
                line.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        return line.ToString();
    }
}
