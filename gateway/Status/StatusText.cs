using System.Globalization;
using System.Text;

namespace Nightshift.Gateway.Status;

/// <summary>The status as text for people and for <c>grep</c>.</summary>
public static class StatusText
{
    /// <summary>Renders it.</summary>
    /// <param name="status">What to show.</param>
    /// <param name="zone">The zone of the times shown.</param>
    public static string Of(SystemStatus status, TimeZoneInfo zone)
    {
        var text = new StringBuilder("=== Automation Status ===\n\n");
        foreach (var service in status.Services)
            text.Append(CultureInfo.InvariantCulture, $"{service.Name}: {OneLine(service.State)}\n");
        text.Append("\nRecent Actions:\n");
        if (status.RecentActions.Count == 0)
            text.Append("  none yet\n");
        foreach (var action in status.RecentActions)
            text.Append(
                CultureInfo.InvariantCulture,
                $"  [{TimeZoneInfo.ConvertTime(action.At, zone):HH:mm}] {OneLine(action.Text)}\n"
            );
        return text.ToString();
    }

    // Names of containers and repositories come from outside; none of them may forge a line or steer a terminal.
    static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
