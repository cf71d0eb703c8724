using System.Text;

namespace Nightshift.Cli.Client;

/// <summary>Lines up rows for people, cut and grep: two spaces between columns, nothing drawn, never wrapped.</summary>
public static class Columns
{
    public static string Of(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<string>[] lines =
        [
            [.. headers.Select(x => x.ToUpperInvariant())],
            .. rows.Select(x => x.Select(Terminal.Value).ToArray()),
        ];
        var widths = headers.Select((_, i) => lines.Max(x => x[i].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var line in lines)
            text.Append(string.Join("  ", line.Select((x, i) => x.PadRight(widths[i]))).TrimEnd()).Append('\n');
        return text.ToString();
    }

    /// <summary>Names and values, one pair a line; pairs without a value are left out.</summary>
    public static string Pairs(params (string Name, string Value)[] pairs)
    {
        var shown = pairs.Where(x => x.Value.Length > 0).ToArray();
        var width = shown.Length == 0 ? 0 : shown.Max(x => x.Name.Length);
        return string.Concat(shown.Select(x => $"{(x.Name + ":").PadRight(width + 1)}  {Terminal.Value(x.Value)}\n"));
    }
}
