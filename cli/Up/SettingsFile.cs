using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>
/// A file of <c>NAME=value</c> lines that becomes part of the environment, and so reaches every service.
/// </summary>
public static class SettingsFile
{
    /// <summary>Does nothing when there is no such file. Variables that are already set win.</summary>
    /// <exception cref="ProblemException">A line cannot be read.</exception>
    public static void Apply(string path)
    {
        if (!File.Exists(path))
            return;
        foreach (var (name, value) in Parse(path, File.ReadAllLines(path)))
            if (Environment.GetEnvironmentVariable(name) is null)
                Environment.SetEnvironmentVariable(name, value);
    }

    /// <param name="path">Named in the message about a bad line.</param>
    /// <exception cref="ProblemException">A line is neither empty, nor a comment, nor <c>NAME=value</c>.</exception>
    public static IReadOnlyList<(string Name, string Value)> Parse(string path, IReadOnlyList<string> lines)
    {
        var settings = new List<(string, string)>();
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (
                line.IndexOf('=') is not (> 0 and var equals)
                || !line[..equals].All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            )
                throw new ProblemException(
                    $"{path}, line {i + 1}: '{line}' is no setting. Write NAME=value, or begin the line with # to "
                        + "leave it out."
                );
            settings.Add((line[..equals], line[(equals + 1)..]));
        }
        return settings;
    }
}
