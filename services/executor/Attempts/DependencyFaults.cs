using System.Net.Sockets;
using Npgsql;

namespace Nightshift.Executor.Attempts;

/// <summary>Tells what passes by itself from what comes again each time.</summary>
static class DependencyFaults
{
    /// <summary>True when something this executor depends on was away: it is waited for, however long.</summary>
    public static bool IsAway(Exception e) =>
        e
            is NpgsqlException { IsTransient: true }
                or TimeoutException
                or IOException
                or SocketException
                or HttpRequestException
        || e.InnerException is { } inner && IsAway(inner);

    /// <summary>An exception in one line that any table and page can take.</summary>
    public static string Describe(Exception e)
    {
        var text = $"{e.GetType().Name}: {e.Message}";
        var line = new System.Text.StringBuilder();
        foreach (var rune in text.EnumerateRunes()) // what is no character becomes U+FFFD
            if (line.Length < LongestDescription)
                line.Append(System.Text.Rune.IsControl(rune) ? " " : rune.ToString());
        return line.ToString();
    }

    const int LongestDescription = 500;
}
